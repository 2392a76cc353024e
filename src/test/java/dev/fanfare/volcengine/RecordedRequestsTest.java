package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fanfare.http.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What official SDKs put on the wire, byte for byte, over a socket. The clock stands at the time
/// of the recordings, because a signature is bound to its date.
class RecordedRequestsTest {
  private static final Path FILES = Path.of("src/test/resources/recorded/volcengine");
  private static final JsonMapper JSON = new JsonMapper();

  private final LiveServer server = new LiveServer();
  private final HttpServer http =
      HttpServer.start(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), List.of(), server.face());

  @AfterEach
  void close() {
    http.close();
    server.close();
  }

  @Test
  void the_java_sdk_registers_two_users() throws IOException {
    assertThat(replay("java")).endsWith("\"Result\":{}}");
    JsonNode users =
        result("BatchGetUser", "{\"AppId\":123456,\"UserIds\":[900000001,900000002]}")
            .path("Users");
    assertThat(users.at("/0/NickName").asText()).isEqualTo("用户 900000001");
    assertThat(users.at("/1/Tags/1").asText()).isEqualTo("城市:北京");
    assertThat(users.at("/1/Ext/key").asText()).isEqualTo("值 \"quoted\" 😀");
  }

  @Test
  void the_go_sdk_updates_in_chunks_with_nulls_and_a_session_token_that_nobody_asked_for()
      throws IOException {
    String user = "\"UserId\":10001,\"NickName\":\"n\",\"Tags\":[\"a\"],\"Ext\":{\"k\":\"v\"}";
    result("RegisterUsers", "{\"AppId\":1,\"Users\":[{" + user + "}]}");
    server.clock.advance(Duration.ofMinutes(3));
    assertThat(replay("golang")).endsWith("\"Result\":{\"FailedInfos\":[]}}");
    JsonNode after = result("BatchGetUser", "{\"AppId\":1,\"UserIds\":[10001]}").at("/Users/0");
    assertThat(after.path("NickName").asText()).as("empty text clears").isEmpty();
    assertThat(after.at("/Tags/0").asText()).as("null leaves alone").isEqualTo("a");
    assertThat(after.at("/Ext/k").asText()).isEqualTo("v");
  }

  @Test
  void the_node_sdk_registers_with_neither_host_nor_content_type_signed() throws IOException {
    server.clock.advance(Duration.ofMinutes(3));
    assertThat(replay("node")).endsWith("\"Result\":{}}");
    assertThat(
            result("BatchGetUser", "{\"AppId\":1,\"UserIds\":[10001]}")
                .at("/Users/0/NickName")
                .asText())
        .isEqualTo("用户");
  }

  @Test
  void one_changed_byte_of_a_recorded_body_is_refused() throws IOException {
    for (String name : List.of("java", "golang", "node")) {
      String recorded = read(name);
      int at = recorded.lastIndexOf("User");
      String changed = recorded.substring(0, at) + "user" + recorded.substring(at + 4);
      assertThat(send(changed)).contains("HTTP/1.1 401 ").contains("SignatureDoesNotMatch");
    }
  }

  @Test
  void a_recorded_request_is_too_old_a_quarter_of_an_hour_later() throws IOException {
    server.clock.advance(Duration.ofMinutes(20));
    for (String name : List.of("java", "golang", "node")) {
      assertThat(send(read(name))).contains("HTTP/1.1 400 ").contains("InvalidTimestamp");
    }
  }

  private JsonNode result(String action, String body) throws IOException {
    JsonNode answer = JSON.readTree(server.answer(action, body).body());
    assertThat(answer.has("Result")).as("%s", answer).isTrue();
    return answer.path("Result");
  }

  private String replay(String name) throws IOException {
    String answer = send(read(name));
    assertThat(answer).startsWith("HTTP/1.1 200 ");
    return answer;
  }

  private static String read(String name) throws IOException {
    return Files.readString(FILES.resolve(name + ".http"));
  }

  /// Sends the bytes and reads one answer.
  private String send(String raw) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), http.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(raw.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      return RawMessage.read(socket.getInputStream());
    }
  }
}
