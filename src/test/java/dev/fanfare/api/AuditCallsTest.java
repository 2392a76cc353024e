package dev.fanfare.api;

import static dev.fanfare.api.ApiFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.cell.Cell;
import dev.fanfare.http.Response;
import dev.fanfare.schema.NodeReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who did what.
final class AuditCallsTest {
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

  private JsonNode audit(String key, String query) {
    Response response = api.callAs(key, "GET", "/v1/audit" + query, "");
    assertThat(response.status()).as("%s", json(response)).isEqualTo(200);
    return json(response);
  }

  private static List<String> lines(JsonNode audit) {
    List<String> lines = new ArrayList<>();
    audit
        .path("entries")
        .forEach(entry ->
            lines.add(
                "%s %s %s %s%s"
                    .formatted(
                        entry.path("app").asText("-"),
                        entry.path("actor").asText(),
                        entry.path("action").asText(),
                        entry.path("target").asText("-"),
                        entry.has("members") ? " " + entry.path("members") : "")));
    return lines;
  }

  private void act() {
    api.callAs("dev-admin-key", "POST", "/v1/apps", "{'id': 'other'}");
    api.callAs("dev-admin-key", "PATCH", APP + "/limits", "{'robots': 7}");
    api.call("POST", APP + "/keys", "{'kind': 'api-key', 'name': 'ci', 'role': 'reader'}");
    api.callAs("registrar", "PUT", APP + "/members/1", "{}");
    api.callAs("registrar", "PATCH", APP + "/members/1", "{'nickName': 'secret name'}");
    api.callAs("registrar", "DELETE", APP + "/members/nobody", "");
    api.callAs("sender", "POST", APP + "/broadcasts", "{'audience': 'tag:', 'message': {}}");
  }

  @Test
  void audit_names_who_did_what_and_no_contents() {
    act();
    JsonNode audit = audit("dev-admin-key", "");
    assertThat(lines(audit))
        .containsExactly(
            "demo api-key/REGISTRAR members.change - 2",
            "demo api-key/default key.add api-key/ci",
            "demo admin limits.change robots",
            "- admin app.create other");
    assertThat(audit.toString()).doesNotContain("secret name");
    String body = "{'audience': 'everyone', 'message': {'body': 'private'}}";
    String id = json(api.callAs("sender", "POST", APP + "/broadcasts", body)).path("id").asText();
    assertThat(lines(audit("dev-admin-key", "")).getFirst())
        .isEqualTo("demo api-key/SENDER broadcast.send " + id);
  }

  @Test
  void owner_sees_the_own_app_alone() {
    act();
    assertThat(lines(audit("dev-api-key", "")))
        .hasSize(3)
        .allMatch(line -> line.startsWith("demo "));
    assertThat(lines(audit("dev-api-key", "?app=demo"))).hasSize(3);
    assertProblem(api.call("GET", "/v1/audit?app=other", ""), 404, "app_not_found");
    assertProblem(api.callAs("reader", "GET", "/v1/audit", ""), 403, "forbidden");
  }

  @Test
  void audit_is_paged() {
    act();
    List<String> lines = new ArrayList<>();
    JsonNode page = audit("dev-admin-key", "?limit=1");
    lines.addAll(lines(page));
    while (page.has("cursor")) {
      page = audit("dev-admin-key", "?limit=1&cursor=" + page.path("cursor").asText());
      lines.addAll(lines(page));
    }
    assertThat(lines).isEqualTo(lines(audit("dev-admin-key", "")));
    assertProblem(api.call("GET", "/v1/audit?cursor=-1", ""), 400, "invalid_cursor");
  }

  @Test
  void node_tells_of_itself() {
    JsonNode nodes = json(api.call("GET", "/v1/nodes", "")).path("nodes");
    assertThat(nodes).hasSize(1);
    JsonNode node = nodes.path(0);
    assertThat(node.path("online").asBoolean()).isTrue();
    assertThat(node.path("self").asBoolean()).isTrue();
    assertThat(node.path("startedAt").asText()).isEqualTo(ApiFixture.NOW.toString());
    assertThat(node.path("position").asText()).contains("-");
    assertThat(node.path("troubles").isEmpty()).isTrue();
    assertProblem(api.callAs("reader", "GET", "/v1/nodes", ""), 403, "forbidden");
  }

  @Test
  void node_tells_of_the_others_what_they_told_last() {
    NodeReport report =
        NodeReport.newBuilder()
            .setId("there")
            .setHost("web-2")
            .setPosition("1x7Kq9a-7")
            .setStartedMillis(ApiFixture.NOW.toEpochMilli())
            .setClockMillis(ApiFixture.NOW.plusSeconds(90).toEpochMilli())
            .setDuties(true)
            .addTroubles("the disk is nearly full")
            .build();
    api.peers.add(new Cell.Peer(report, ApiFixture.NOW.plusSeconds(91), false));
    JsonNode nodes = json(api.call("GET", "/v1/nodes", "")).path("nodes");
    assertThat(nodes.path(0).path("id").asText()).isEqualTo("here");
    assertThat(nodes.path(0).has("heardAt")).isFalse();
    JsonNode other = nodes.path(1);
    assertThat(other.path("host").asText()).isEqualTo("web-2");
    assertThat(other.path("position").asText()).isEqualTo("1x7Kq9a-7");
    assertThat(other.path("uptimeSeconds").asInt()).isEqualTo(90);
    assertThat(other.path("heardAt").asText()).isEqualTo("2026-01-02T03:05:36Z");
    assertThat(other.path("duties").asBoolean()).isTrue();
    assertThat(other.path("self").asBoolean()).isFalse();
    assertThat(other.path("online").asBoolean()).isFalse();
    assertThat(other.path("troubles").toString()).isEqualTo("[\"the disk is nearly full\"]");
  }
}
