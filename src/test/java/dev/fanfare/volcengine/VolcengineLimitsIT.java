package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fanfare.PackagedServer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The documented rates and daily budgets, as the packaged server applies them.
final class VolcengineLimitsIT {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path data;

  @Test
  void calls_beyond_the_documented_rate_are_refused_and_change_nothing() throws Exception {
    try (PackagedServer server = PackagedServer.start(data)) {
      SignedClient client = new SignedClient(server);
      int refused = 0;
      int user = 0;
      while (refused == 0 && user < 2_000) {
        user++;
        HttpResponse<String> answer = register(client, user);
        if (answer.statusCode() == 429) {
          refused++;
          assertThat(error(answer).path("Code").asText()).isEqualTo("FlowLimitExceeded");
          assertThat(error(answer).path("CodeN").asInt()).isEqualTo(100018);
        }
      }
      assertThat(user).as("a second of burst is let through").isGreaterThan(50);
      assertThat(refused).as("then it is refused").isEqualTo(1);
      assertThat(client.result("BatchGetUser", "\"UserIds\":[" + user + "]").path("NotFoundUsers"))
          .hasSize(1);
    }
  }

  @Test
  void the_strict_profile_counts_broadcasts_a_day_and_remembers_them_after_a_kill()
      throws Exception {
    try (PackagedServer server = PackagedServer.start(data, "--limits-profile", "strict")) {
      SignedClient client = new SignedClient(server);
      for (int i = 0; i < 20; i++) {
        assertThat(broadcast(client, i).statusCode()).isEqualTo(200);
      }
      assertThat(broadcast(client, 0).statusCode()).as("a repetition is free").isEqualTo(200);
      assertThat(broadcast(client, 20).statusCode()).isEqualTo(429);
      server.kill();
    }
    try (PackagedServer server = PackagedServer.start(data)) {
      HttpResponse<String> answer = broadcast(new SignedClient(server), 21);
      assertThat(answer.statusCode()).isEqualTo(429);
      assertThat(error(answer).path("Code").asText()).isEqualTo("FlowLimitExceeded");
    }
  }

  private static HttpResponse<String> register(SignedClient client, int user) throws Exception {
    return client.send(
        "RegisterUsers",
        "{\"AppId\":%d,\"Users\":[{\"UserId\":%d}]}".formatted(client.appId(), user));
  }

  private static HttpResponse<String> broadcast(SignedClient client, int n) throws Exception {
    return client.send(
        "UserBroadcast",
        "{\"AppId\":%d,\"Sender\":1,\"MsgType\":10001,\"MsgTTL\":60,\"Content\":\"%d\"}"
            .formatted(client.appId(), n));
  }

  private static JsonNode error(HttpResponse<String> answer) throws Exception {
    return JSON.readTree(answer.body()).at("/ResponseMetadata/Error");
  }
}
