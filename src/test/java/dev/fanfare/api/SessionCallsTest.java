package dev.fanfare.api;

import static dev.fanfare.api.ApiFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.broadcast.Timeline;
import dev.fanfare.http.Response;
import dev.fanfare.member.ConnectionId;
import dev.fanfare.member.Presence;
import java.nio.file.Path;
import java.util.List;
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
    connect("a b", "k3Tq.0.2", "phone", "iOS", 2);
    connect("a b", "k3Tq.0.1", "", "", 1);
    connect("2", "k3Tq.1.3", "", "", 3);
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
                + "{\"id\":\"k3Tq.0.1\",\"since\":\"2026-01-02T03:04:06Z\"},"
                + "{\"id\":\"k3Tq.0.2\",\"device\":\"phone\",\"platform\":\"iOS\","
                + "\"since\":\"2026-01-02T03:04:07Z\"}]}");
  }

  @Test
  void who_is_asked_about_has_to_be_named_and_known() {
    assertProblem(api.call("GET", SESSIONS, ""), 400, "missing_parameter");
    assertProblem(api.call("GET", SESSIONS + "?x=1", ""), 400, "unknown_parameter");
    assertProblem(api.call("GET", SESSIONS + "?member=%zz", ""), 400, "invalid_path");
    assertProblem(api.call("GET", SESSIONS + "?member=9", ""), 404, "member_not_found");
    assertProblem(api.call("POST", SESSIONS, ""), 405, "method_not_allowed");
    assertProblem(api.call("GET", SESSIONS + "/k3Tq.0.1", ""), 405, "method_not_allowed");
  }

  @Test
  void in_a_cluster_the_list_says_how_old_it_is_and_shows_what_other_nodes_have() {
    api.presence().asOf = ApiFixture.NOW.minusSeconds(2);
    api.presence().connect(new Presence.Connection("2", "Zz9.1.iOS", "", "iOS", null));
    assertThat(json(api.call("GET", SESSIONS + "?member=2", "")).toString())
        .isEqualTo(
            "{\"member\":\"2\",\"scope\":\"cell\",\"asOf\":\"2026-01-02T03:04:03Z\","
                + "\"sessions\":["
                + "{\"id\":\"k3Tq.1.3\",\"since\":\"2026-01-02T03:04:08Z\"},"
                + "{\"id\":\"Zz9.1.iOS\",\"platform\":\"iOS\"}]}");
    Response count = api.call("POST", "/v1/apps/demo/audience:count", "{'audience':'everyone'}");
    assertThat(json(count).path("onlineAsOf").asText()).isEqualTo("2026-01-02T03:04:03Z");
  }

  @Test
  void ending_a_session_is_journaled_so_that_every_node_hears_of_it_and_audited() {
    String id = "k3Tq.0.1";
    api.replica().timeline().listen(() -> {});
    long before = api.replica().position().offset();
    assertThat(api.callAs("registrar", "DELETE", SESSIONS + "/" + id, "").status()).isEqualTo(204);
    assertThat(api.replica().timeline().removals(before, before + 1).values())
        .containsExactly(
            List.of(new Timeline.Removal.OfConnection(1, ConnectionId.parse(id).orElseThrow())));
    assertThat(json(api.call("GET", "/v1/audit", "")).path("entries").path(0).toString())
        .contains("session.end", id);
  }

  @Test
  void session_that_no_node_has_is_not_ended() {
    for (String id : List.of("k3Tq.0.9", "k3Tq.1.1", "other.0.1", "x", "k3Tq.99999999999.1")) {
      assertProblem(api.call("DELETE", SESSIONS + "/" + id, ""), 404, "session_not_found");
    }
    assertProblem(api.callAs("reader", "DELETE", SESSIONS + "/k3Tq.0.1", ""), 403, "forbidden");
  }
}
