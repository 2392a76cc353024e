package dev.fanfare.api;

import static dev.fanfare.api.ApiFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.http.Response;
import dev.fanfare.member.Presence;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Live connections over the native API.
final class SessionCallsTest {
  private static final String SESSIONS = "/v1/apps/demo/sessions";

  @TempDir Path directory;
  private ApiFixture api;

  @BeforeEach
  void open() {
    api = new ApiFixture(directory);
    var _ = api.call("PUT", "/v1/apps/demo/members/a%20b", "{}");
    var _ = api.call("PUT", "/v1/apps/demo/members/2", "{}");
    connect("a b", "s-2", "phone", "iOS", 2);
    connect("a b", "s-1", "", "", 1);
    connect("2", "s-3", "", "", 3);
  }

  private void connect(
      String member, String id, String device, String platform, long secondsAfter) {
    api.presence()
        .connect(
            new Presence.Connection(
                member, id, device, platform, ApiFixture.NOW.plusSeconds(secondsAfter)));
  }

  @AfterEach
  void close() {
    api.close();
  }

  private static void assertProblem(Response response, int status, String code) {
    assertThat(json(response).path("code").asText()).isEqualTo(code);
    assertThat(response.status()).isEqualTo(status);
  }

  @Test
  void sessions_of_a_member_are_listed_oldest_first() {
    Response answer = api.callAs("reader", "GET", SESSIONS + "?member=a%20b", "");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(json(answer).toString())
        .isEqualTo(
            "{\"member\":\"a b\",\"scope\":\"node\",\"sessions\":["
                + "{\"id\":\"s-1\",\"since\":\"2026-01-02T03:04:06Z\"},"
                + "{\"id\":\"s-2\",\"device\":\"phone\",\"platform\":\"iOS\","
                + "\"since\":\"2026-01-02T03:04:07Z\"}]}");
  }

  @Test
  void who_is_asked_about_has_to_be_named_and_known() {
    assertProblem(api.call("GET", SESSIONS, ""), 400, "missing_parameter");
    assertProblem(api.call("GET", SESSIONS + "?x=1", ""), 400, "unknown_parameter");
    assertProblem(api.call("GET", SESSIONS + "?member=%zz", ""), 400, "invalid_path");
    assertProblem(api.call("GET", SESSIONS + "?member=9", ""), 404, "member_not_found");
    assertProblem(api.call("POST", SESSIONS, ""), 405, "method_not_allowed");
    assertProblem(api.call("GET", SESSIONS + "/s-1", ""), 405, "method_not_allowed");
  }

  @Test
  void session_is_ended_once() {
    assertThat(api.callAs("registrar", "DELETE", SESSIONS + "/s-1", "").status()).isEqualTo(204);
    assertProblem(api.call("DELETE", SESSIONS + "/s-1", ""), 404, "session_not_found");
    assertThat(json(api.call("GET", SESSIONS + "?member=a%20b", "")).path("sessions")).hasSize(1);
    assertProblem(api.callAs("reader", "DELETE", SESSIONS + "/s-2", ""), 403, "forbidden");
  }
}
