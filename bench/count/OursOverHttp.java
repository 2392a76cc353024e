import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/// A Fanfare server on this machine: `/v1` members:batch to fill it, audience:count to ask it.
final class OursOverHttp implements Contender {
  private static final int PER_CALL = 1_000;
  private static final int LOADERS = 4;

  private final Node node;
  private final Connection connection;

  /// @param data the server's data directory
  OursOverHttp(Path data) throws IOException {
    this.node = Node.read(data);
    this.connection = node.connect();
  }

  static String id(int member) {
    return "m" + member;
  }

  @Override
  public void load(Dataset data) throws Exception {
    node.call(connection, "PUT", "attributes", "{\"0\":\"city\"}");
    AtomicInteger taken = new AtomicInteger();
    List<Future<?>> loaders = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(LOADERS)) {
      for (int i = 0; i < LOADERS; i++) {
        loaders.add(threads.submit(() -> putBatches(data, taken)));
      }
    }
    for (Future<?> loader : loaders) {
      loader.get();
    }
  }

  private void putBatches(Dataset data, AtomicInteger taken) {
    try (Connection own = node.connect()) {
      for (int from; (from = taken.getAndAdd(PER_CALL)) < data.members(); ) {
        batch(own, puts(data, from, Math.min(from + PER_CALL, data.members())));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Sends operations, JSON objects, all of which have to succeed.
  void batch(Connection through, List<String> operations) throws IOException {
    String body = "{\"operations\":[" + String.join(",", operations) + "]}";
    String answer = node.call(through, "POST", "members:batch", body);
    if (answer.contains("\"ok\":false")) {
      throw new IllegalStateException("refused: " + answer);
    }
  }

  private static List<String> puts(Dataset data, int from, int to) {
    List<String> operations = new ArrayList<>(to - from);
    for (int member = from; member < to; member++) {
      String tags =
          data.tagsOf(member)
              .mapToObj(tag -> "\"" + Word.tag(tag) + "\"")
              .collect(Collectors.joining(","));
      operations.add(
          "{\"put\":{\"id\":\"%s\",\"tags\":[%s],\"attributes\":{\"city\":\"%s\"}}}"
              .formatted(id(member), tags, data.cityOf(member)));
    }
    return operations;
  }

  Connection connect() throws IOException {
    return node.connect();
  }

  @Override
  public long count(Question question) throws IOException {
    return node.count(connection, json(question));
  }

  private static String json(Question question) {
    return "{\"all\":[{\"any\":[%s,%s]},%s,{\"not\":%s}]}"
        .formatted(json(question.a()), json(question.b()), json(question.c()), json(question.d()));
  }

  private static String json(Word word) {
    return switch (word.kind()) {
      case TAG -> "{\"tag\":\"" + word + "\"}";
      case CITY -> "{\"attribute\":\"city\",\"is\":\"" + word + "\"}";
    };
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
