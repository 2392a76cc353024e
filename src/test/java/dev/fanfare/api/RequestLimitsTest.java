package dev.fanfare.api;

import static dev.fanfare.api.ApiFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.http.Response;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the face checks for every call: rate, size, methods.
final class RequestLimitsTest {
  private static final String APP = "/v1/apps/demo";

  @TempDir Path directory;
  private ApiFixture api;

  @BeforeEach
  void open() {
    api = new ApiFixture(directory);
  }

  @AfterEach
  void close() {
    api.close();
  }

  private static void assertProblem(Response response, int status, String code) {
    assertThat(json(response).path("code").asText()).as("%s", json(response)).isEqualTo(code);
    assertThat(response.status()).isEqualTo(status);
  }

  private void limit(String limits) {
    assertThat(api.callAs("dev-admin-key", "PATCH", APP + "/limits", limits).status())
        .isEqualTo(200);
  }

  @Test
  void key_has_so_many_calls_a_second() {
    limit("{'requestsPerSecond': 3}");
    for (int i = 0; i < 3; i++) {
      assertThat(api.call("GET", APP, "").status()).isEqualTo(200);
    }
    Response refused = api.call("GET", APP, "");
    assertProblem(refused, 429, "too_many_requests");
    assertThat(refused.headers()).containsEntry("Retry-After", "1");
    assertProblem(api.call("GET", "/v1/apps", ""), 429, "too_many_requests");
    assertThat(api.callAs("reader", "GET", APP, "").status()).isEqualTo(200);
    api.advance(Duration.ofSeconds(1));
    assertThat(api.call("GET", APP, "").status()).isEqualTo(200);
  }

  @Test
  void body_and_message_have_the_apps_limits() {
    limit("{'bodyBytes': 1000, 'messageBytes': 100}");
    String nick = "{'nickName': '" + "x".repeat(1_000) + "'}";
    assertProblem(api.call("PUT", APP + "/members/1", nick), 413, "body_too_large");
    String send = "{'audience': 'everyone', 'message': {'body': '" + "x".repeat(100) + "'}}";
    assertProblem(api.call("POST", APP + "/broadcasts", send), 413, "message_too_large");
  }

  @Test
  void wrong_method_is_told_the_right_ones() {
    Map<String, String> allowed =
        Map.of(
            "/v1/apps",
            "GET, POST",
            APP + "/members/1",
            "DELETE, GET, PATCH, PUT",
            APP + "/members:batch",
            "POST",
            APP + "/broadcasts/b-1",
            "GET");
    allowed.forEach((path, methods) -> {
      Response response = api.call("OPTIONS", path, "");
      assertProblem(response, 405, "method_not_allowed");
      assertThat(response.headers()).containsEntry("Allow", methods);
    });
  }

  @Test
  void query_is_not_ignored() {
    assertProblem(api.call("GET", APP + "?verbose=1", ""), 400, "unknown_parameter");
    assertProblem(api.call("GET", "/v1/apps?limit=1", ""), 400, "unknown_parameter");
  }
}
