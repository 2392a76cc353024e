package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fanfare.PackagedServer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The documented rates and daily budgets, as the packaged server applies them.
final class VolcengineLimitsIT {
  private static final JsonMapper JSON = new JsonMapper();

  /// As many as the documented rate, after its burst, lets through in five seconds.
  private static final int CALLS = 300;

  @TempDir private Path data;

  @Test
  void calls_beyond_the_documented_rate_are_refused_and_change_nothing() throws Exception {
    try (PackagedServer server = PackagedServer.start(data)) {
      SignedClient client = new SignedClient(server);
      Map<Integer, HttpResponse<String>> answers = registerAtOnce(client, CALLS);
      List<Integer> refused = new ArrayList<>();
      for (Map.Entry<Integer, HttpResponse<String>> answer : answers.entrySet()) {
        if (answer.getValue().statusCode() != 200) {
          assertThat(answer.getValue().statusCode()).isEqualTo(429);
          JsonNode error = error(answer.getValue());
          assertThat(error.path("Code").asText()).isEqualTo("FlowLimitExceeded");
          assertThat(error.path("CodeN").asInt()).isEqualTo(100018);
          refused.add(answer.getKey());
        }
      }
      assertThat(CALLS - refused.size())
          .as("a second of burst is let through")
          .isGreaterThanOrEqualTo(50);
      assertThat(refused).as("then it is refused").isNotEmpty();
      String user = "\"UserIds\":[" + refused.getFirst() + "]";
      assertThat(client.result("BatchGetUser", user).path("NotFoundUsers")).hasSize(1);
    }
  }

  /// The answers to so many registrations that are under way together, by user.
  private static Map<Integer, HttpResponse<String>> registerAtOnce(SignedClient client, int users)
      throws Exception {
    Map<Integer, Future<HttpResponse<String>>> calls = new TreeMap<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 1; i <= users; i++) {
        int user = i;
        calls.put(user, threads.submit(() -> register(client, user)));
      }
    }
    Map<Integer, HttpResponse<String>> answers = new TreeMap<>();
    calls.forEach((user, call) -> answers.put(user, call.resultNow()));
    return answers;
  }

  @Test
  void the_strict_profile_counts_broadcasts_a_day_and_remembers_them_after_a_kill()
      throws Exception {
    try (PackagedServer server = PackagedServer.start(data, "--limits-profile", "strict")) {
      server.makeNoon();
      server.rememberBodies();
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
