package dev.fanfare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fanfare.gateway.EventClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A browser's way to broadcasts, against the packaged server: server-sent events over starts of
/// the server.
@Timeout(600)
final class EventStreamIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path data;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<String> heard = new ArrayList<>();

  @AfterEach
  void close() {
    http.close();
  }

  private JsonNode api(PackagedServer server, String method, String path, String body)
      throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.apiPort() + "/v1/apps/demo" + path))
            .timeout(Duration.ofSeconds(20))
            .header("Authorization", "Bearer dev-admin-key")
            .method(method, BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    assertThat(answer.statusCode()).as("%s", answer.body()).isBetween(200, 299);
    return JSON.readTree(answer.body());
  }

  private String send(PackagedServer server) throws Exception {
    String body = "{\"audience\":\"tag:vip\",\"message\":{\"body\":\"x\"}}";
    return api(server, "POST", "/broadcasts", body).path("id").asText();
  }

  private String token(PackagedServer server) throws Exception {
    return api(server, "POST", "/tokens", "{\"member\":\"10001\"}").path("token").asText();
  }

  private EventClient connect(PackagedServer server, String token, String lastId) {
    String target = "/sse?app=demo&device=browser&token=" + token;
    return lastId.isEmpty()
        ? EventClient.open(server.gatewayPort(), target)
        : EventClient.open(server.gatewayPort(), target, "Last-Event-ID", lastId);
  }

  /// Hears events up to and with one of a type, or of a broadcast; the last position.
  private String hear(EventClient client, String until) {
    String last = "";
    EventClient.Event event;
    do {
      event = client.next();
      assertThat(event.type()).as("the stream goes on").isNotEmpty();
      if (event.type().equals("broadcast")) {
        heard.add(event.json().path("id").asText());
      }
      last = event.id() == null ? last : event.id();
    } while (!event.type().equals(until) && !event.data().contains("\"id\":\"" + until + "\""));
    return last;
  }

  @ParameterizedTest
  @ValueSource(strings = {"epoll", "nio"})
  void every_broadcast_comes_once_over_restarts_and_crashes(String transport) throws Exception {
    List<String> sent = new ArrayList<>();
    String last = "";
    String token = "";
    for (int start = 0; start < 4; start++) {
      PackagedServer server = PackagedServer.start(data, "--dev", "--transport", transport);
      try (server) {
        if (token.isEmpty()) {
          api(server, "PUT", "/members/10001", "{\"tags\":[\"vip\"]}");
          token = token(server);
        }
        sent.add(send(server));
        try (EventClient client = connect(server, token, last)) {
          hear(client, "caught-up");
          sent.add(send(server));
          last = hear(client, sent.getLast());
          sent.add(send(server));
          if (start % 2 == 0) {
            server.kill();
          } else {
            last = hear(client, sent.getLast());
            server.close();
            assertThat(client.next("close").getLast().data())
                .isEqualTo("{\"type\":\"close\",\"code\":1012}");
          }
        }
      }
    }
    assertThat(heard).isEqualTo(sent);
  }

  @Test
  void acknowledgement_that_was_answered_survives_a_crash() throws Exception {
    PackagedServer server = PackagedServer.start(data, "--dev");
    api(server, "PUT", "/members/10001", "{\"tags\":[\"vip\"]}");
    String token = token(server);
    String broadcast = send(server);
    try (EventClient client = connect(server, token, "")) {
      String position = hear(client, broadcast);
      HttpRequest ack =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + server.gatewayPort() + "/ack?app=demo"))
              .header("Authorization", "Bearer " + token)
              .header("Origin", "http://localhost:3000")
              .POST(BodyPublishers.ofString("{\"type\":\"ack\",\"position\":\"" + position + "\"}"))
              .build();
      HttpResponse<String> answer = http.send(ack, BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(204);
      assertThat(answer.headers().firstValue("Access-Control-Allow-Origin"))
          .contains("http://localhost:3000");
    }
    server.kill();
    try (PackagedServer next = PackagedServer.start(data, "--dev");
        EventClient client = connect(next, token, "")) {
      hear(client, "caught-up");
      assertThat(heard).as("heard again").containsExactly(broadcast);
      JsonNode counted = api(next, "GET", "/broadcasts/" + broadcast, "");
      assertThat(counted.toString()).contains("\"delivered\":1");
    }
  }

  @Test
  void session_is_listed_and_ended_by_the_api() throws Exception {
    try (PackagedServer server = PackagedServer.start(data, "--dev")) {
      api(server, "PUT", "/members/10001", "{\"tags\":[\"vip\"]}");
      try (EventClient client = connect(server, token(server), "")) {
        hear(client, "caught-up");
        JsonNode sessions = api(server, "GET", "/sessions?member=10001", "").path("sessions");
        assertThat(sessions).hasSize(1);
        assertThat(sessions.path(0).path("device").asText()).isEqualTo("browser");
        api(server, "DELETE", "/sessions/" + sessions.path(0).path("id").asText(), "");
        assertThat(client.next("close").getLast().type()).isEqualTo("close");
      }
    }
  }
}
