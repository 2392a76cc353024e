import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Registers the members `m1` to `mN` through `/v1` members:batch, 1,000 per call, and writes a
/// device token for each to a file, one per line. For the other benchmarks; prints members per
/// second as well.
///
/// ```
/// java bench/Prepare.java --data DIR --members 5000 --tokens FILE
/// java bench/Prepare.java --data DIR --members 1000000 --tags 5 --connections 8
/// ```
///
/// DIR is the data directory of a running server. Tags are those of `Population`; 0 by default.
final class Prepare {
  private static final String USAGE =
      "Prepare.java --data DIR --members N [--tags T] [--connections C] [--tokens FILE]";
  private static final int PER_CALL = 1_000;
  private static final long TOKEN_SECONDS = 86_400;

  private final Node node;
  private final Population population;
  private final AtomicInteger registered = new AtomicInteger();

  private Prepare(Node node, Population population) {
    this.node = node;
    this.population = population;
  }

  public static void main(String... arguments) throws Exception {
    Options options = new Options(USAGE, arguments);
    Node node = Node.read(Path.of(options.text("data")));
    int members = options.positive("members", 0);
    Population population = new Population(members, options.number("tags", 0));
    new Prepare(node, population).register(options.positive("connections", 1));
    if (options.has("tokens")) {
      writeTokens(node, members, Path.of(options.text("tokens")));
    }
  }

  private void register(int connections) throws Exception {
    long began = System.nanoTime();
    List<Future<?>> callers = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      for (int i = 0; i < connections; i++) {
        callers.add(threads.submit(this::registerBatches));
      }
    }
    for (Future<?> caller : callers) {
      caller.get();
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "registered %,d members in %.1f s: %,.0f members/s%n",
        population.members(),
        seconds,
        population.members() / seconds);
  }

  /// Registers batches that nobody else has taken, until none is left.
  private void registerBatches() {
    try (Connection connection = node.connect()) {
      for (int from; (from = registered.getAndAdd(PER_CALL)) < population.members(); ) {
        int to = Math.min(from + PER_CALL, population.members());
        String answer = node.call(connection, "POST", "members:batch", batch(from + 1, to));
        if (answer.contains("false")) {
          throw new IllegalStateException("a member was refused: " + answer);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String batch(int first, int last) {
    StringBuilder json = new StringBuilder("{\"operations\":[");
    for (int member = first; member <= last; member++) {
      json.append(member == first ? "" : ",").append("{\"put\":{\"id\":\"m").append(member);
      json.append("\",\"tags\":[");
      int[] tags = population.tagsOf(member);
      for (int i = 0; i < tags.length; i++) {
        json.append(i == 0 ? "\"t" : ",\"t").append(tags[i]).append('"');
      }
      json.append("]}}");
    }
    return json.append("]}").toString();
  }

  private static void writeTokens(Node node, int members, Path file)
      throws IOException, GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(node.deviceKey().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    long now = Instant.now().getEpochSecond();
    Files.write(
        file,
        (Iterable<String>)
            IntStream.rangeClosed(1, members)
                    .mapToObj(member -> token(node.app(), "m" + member, now, mac))
                ::iterator);
  }

  /// A JSON Web Token (RFC 7519), HS256.
  private static String token(String app, String member, long now, Mac mac) {
    String claims =
        "{\"sub\":\"%s\",\"app\":\"%s\",\"iat\":%d,\"exp\":%d}"
            .formatted(member, app, now, now + TOKEN_SECONDS);
    String signed =
        base64(utf8("{\"alg\":\"HS256\",\"typ\":\"JWT\"}")) + "." + base64(utf8(claims));
    return signed + "." + base64(mac.doFinal(utf8(signed)));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
