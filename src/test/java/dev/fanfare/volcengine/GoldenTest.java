package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.GoldenFile;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import dev.fanfare.journal.PlantedJournal;
import dev.fanfare.member.Presence;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
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
  private static final String USERS =
      Bodies.users(
          "{\"UserId\":10001,\"NickName\":\"n\",\"Portrait\":\"http://x\",\"Tags\":[\"age\",\"level\"],"
              + "\"Ext\":{\"key\":\"value\"}},{\"UserId\":10002,\"Tags\":"
              + Bodies.tagList(100)
              + "}");

  static List<String> names() {
    return GoldenFile.names(FILES);
  }

  @ParameterizedTest
  @MethodSource("names")
  void a_recorded_request_is_answered_as_recorded(String name) {
    GoldenFile golden = GoldenFile.read(FILES.resolve(name + ".txt"));
    try (LiveServer server = server(golden)) {
      assertThat(server.answer("RegisterUsers", USERS).status()).isEqualTo(200);
      VolcengineFace face = prepared(server, golden);
      Map<String, String> before = GoldenFile.contents(server.memory);
      String answer = text(answered(face, request(golden.request())));
      golden.writeIfAsked(answer);
      assertThat(answer).isEqualTo(golden.answer());
      if (!answer.startsWith("200\n") || golden.about().contains("# changes nothing")) {
        assertThat(GoldenFile.contents(server.memory))
            .as("a refusal changes nothing")
            .isEqualTo(before);
      }
    }
  }

  private static LiveServer server(GoldenFile golden) {
    return new LiveServer(
        UnaryOperator.identity(),
        limits -> {
          if (golden.givens().contains("no robots")) {
            limits.setRobots(0);
          }
          return golden.givens().contains("no live broadcasts")
              ? limits.setLiveBroadcasts(0)
              : limits;
        });
  }

  /// Makes the server as unusual as the recording wants it.
  private static VolcengineFace prepared(LiveServer server, GoldenFile golden) {
    if (golden.givens().contains("10001 online")) {
      server.connections.add(
          new Presence.Connection("10001", "18c2a-7", "10001", "Android", FakeServer.NOW));
    }
    if (golden.givens().contains("session token")) {
      server.account = new Account("TOK", Set.of(), Map.of());
    }
    if (golden.givens().contains("key for BatchGetUser")) {
      server.account = new Account("", Set.of("BatchGetUser"), Map.of());
    }
    if (golden.givens().contains("empty tags refused")) {
      server.settings = FakeServer.settings(true, Settings.FailedUserId.AUTO);
    }
    if (golden.givens().contains("rate spent")) {
      server.account = new Account("", Set.of(), Map.of(Action.UN_REGISTER_USERS, 1));
      assertThat(server.answer("UnRegisterUsers", "{}").status()).isEqualTo(400);
    }
    if (golden.givens().contains("disk full")) {
      server.memory.setFreeBytes(0);
      server.restart();
    }
    return golden.givens().contains("a bug")
        ? new VolcengineFace(
            FakeServer.RULES,
            server,
            PlantedJournal.failing(() -> new IllegalStateException("a bug")),
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
    String id = response.headers().getOrDefault("X-Tt-Logid", "");
    assertThat(id).matches("20261121155244[0-9A-F]{20}");
    return GoldenFile.text(response).replace(id, "REQUEST-ID");
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
}
