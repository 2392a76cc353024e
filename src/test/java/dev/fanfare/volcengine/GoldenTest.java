package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import dev.fanfare.journal.BrokenJournal;
import dev.fanfare.member.Presence;
import dev.fanfare.store.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Recorded requests and what they are answered with, byte for byte but for the request id.
///
/// A file has a line that says what it is, lines `# given:` for what is unusual about the server,
/// `# changes nothing` where every user of the request failed, the request, a line `---`, and the
/// answer. Each is replayed on a fresh server with the users 10001 and 10002; a request that is
/// refused must have changed nothing. `-Dgolden=write` writes the answers anew, to be read before
/// they are kept.
class GoldenTest {
  private static final Path FILES = Path.of("src/test/resources/golden/volcengine");
  private static final Set<Table> BOOKS = Set.of(Table.JOURNAL, Table.META, Table.DELTA);
  private static final String USERS =
      Bodies.users(
          "{\"UserId\":10001,\"NickName\":\"n\",\"Portrait\":\"http://x\",\"Tags\":[\"age\",\"level\"],"
              + "\"Ext\":{\"key\":\"value\"}},{\"UserId\":10002,\"Tags\":"
              + Bodies.tagList(100)
              + "}");

  static Stream<String> names() throws IOException {
    try (Stream<Path> files = Files.list(FILES)) {
      return files
          .map(file -> file.getFileName().toString().replace(".txt", ""))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void a_recorded_request_is_answered_as_recorded(String name) {
    Golden golden = Golden.read(FILES.resolve(name + ".txt"));
    try (LiveServer server = server(golden)) {
      assertThat(server.answer("RegisterUsers", USERS).status()).isEqualTo(200);
      VolcengineFace face = prepared(server, golden);
      Map<String, String> before = contents(server);
      String answer = text(answered(face, golden.request()));
      if ("write".equals(System.getProperty("golden"))) {
        golden.write(answer);
      }
      assertThat(answer).isEqualTo(golden.answer());
      if (!answer.startsWith("200\n") || golden.about().contains("# changes nothing")) {
        assertThat(contents(server)).as("a refusal changes nothing").isEqualTo(before);
      }
    }
  }

  private static LiveServer server(Golden golden) {
    return new LiveServer(
        UnaryOperator.identity(),
        limits -> {
          if (golden.given("no robots")) {
            limits.setRobots(0);
          }
          return golden.given("no live broadcasts") ? limits.setLiveBroadcasts(0) : limits;
        });
  }

  /// Makes the server as unusual as the recording wants it.
  private static VolcengineFace prepared(LiveServer server, Golden golden) {
    if (golden.given("10001 online")) {
      server.connections.add(
          new Presence.Connection("10001", "18c2a-7", "10001", "Android", FakeServer.NOW));
    }
    if (golden.given("session token")) {
      server.account = new Account("TOK", Set.of(), Map.of());
    }
    if (golden.given("key for BatchGetUser")) {
      server.account = new Account("", Set.of("BatchGetUser"), Map.of());
    }
    if (golden.given("empty tags refused")) {
      server.settings = FakeServer.settings(true, Settings.FailedUserId.AUTO);
    }
    if (golden.given("rate spent")) {
      server.account = new Account("", Set.of(), Map.of(Action.UN_REGISTER_USERS, 1));
      assertThat(server.answer("UnRegisterUsers", "{}").status()).isEqualTo(400);
    }
    if (golden.given("disk full")) {
      server.memory.setFreeBytes(0);
      server.restart();
    }
    return golden.given("a bug")
        ? new VolcengineFace(
            FakeServer.RULES,
            server,
            new BrokenJournal(() -> new IllegalStateException("a bug")),
            new VolcengineFace.Clocks(server.clock, server.nanos::get),
            new Random(1))
        : server.face();
  }

  /// As the edge does it: what a face throws, it answers itself.
  private static Response answered(VolcengineFace face, Request request) {
    try {
      return face.answer(request);
    } catch (RuntimeException e) {
      return face.failure(request, e);
    }
  }

  private static String text(Response response) {
    StringBuilder text = new StringBuilder().append(response.status()).append('\n');
    new TreeMap<>(response.headers())
        .forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
    String id = response.headers().getOrDefault("X-Tt-Logid", "");
    assertThat(id).matches("20261121155244[0-9A-F]{20}");
    return text.append('\n')
        .append(FakeServer.text(response))
        .append('\n')
        .toString()
        .replace(id, "REQUEST-ID");
  }

  /// Everything stored but the journal's own books.
  private static Map<String, String> contents(LiveServer server) {
    Map<String, String> contents = new LinkedHashMap<>();
    HexFormat hex = HexFormat.of();
    for (Table table : Table.values()) {
      if (!BOOKS.contains(table)) {
        server
            .memory
            .table(table)
            .forEach((key, value) ->
                contents.put(table + " " + hex.formatHex(key), hex.formatHex(value)));
      }
    }
    return contents;
  }

  /// One file.
  private record Golden(Path file, List<String> about, Request request, String answer) {

    static Golden read(Path file) {
      try {
        String all = Files.readString(file);
        int end = all.indexOf("\n---\n");
        List<String> lines =
            List.of(all.substring(0, end < 0 ? all.length() - 1 : end).split("\n", -1));
        List<String> about = lines.stream().takeWhile(line -> line.startsWith("#")).toList();
        Request request = request(lines.subList(about.size(), lines.size()));
        return new Golden(file, about, request, end < 0 ? "" : all.substring(end + 5));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static Request request(List<String> lines) {
      String[] line = lines.getFirst().split("[ ?]", -1);
      int empty = lines.indexOf("");
      Map<String, List<String>> headers = new LinkedHashMap<>();
      for (String header : lines.subList(1, empty)) {
        int colon = header.indexOf(": ");
        String name = header.substring(0, colon).toLowerCase(Locale.ROOT);
        headers.computeIfAbsent(name, _ -> new ArrayList<>()).add(header.substring(colon + 2));
      }
      byte[] body = Hashes.utf8(String.join("\n", lines.subList(empty + 1, lines.size())));
      return new Request(line[0], line[1], line[2], headers, body, "127.0.0.1");
    }

    boolean given(String what) {
      return about.contains("# given: " + what);
    }

    void write(String answered) {
      try {
        String all = Files.readString(file);
        int end = all.indexOf("\n---\n");
        String asked = end < 0 ? all.substring(0, all.length() - 1) : all.substring(0, end);
        Files.writeString(file, asked + "\n---\n" + answered);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
