package dev.fanfare.api;

import static dev.fanfare.api.ApiFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.http.Response;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `If-Match`: a change that only holds for the version that was read.
final class MemberVersionsTest {
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

  private Response at(String method, String version, String body) {
    return api.call(method, APP + "/members/1", body, "if-match", version);
  }

  @Test
  void change_holds_for_the_version_that_was_read() {
    JsonNode first = json(api.call("PUT", APP + "/members/1", "{}"));
    String version = first.path("version").asText();
    Response shown = api.call("GET", APP + "/members/1", "");
    assertThat(shown.headers()).containsEntry("ETag", "\"" + version + "\"");
    Response changed = at("PATCH", "\"" + version + "\"", "{'nickName': 'Ann'}");
    assertThat(changed.status()).isEqualTo(200);
    assertThat(json(changed).path("version").asText()).isNotEqualTo(version);

    for (String method : List.of("GET", "PUT", "PATCH", "DELETE")) {
      assertProblem(at(method, "\"" + version + "\"", "{}"), 412, "version_mismatch");
    }
    assertThat(json(api.call("GET", APP + "/members/1", ""))).isEqualTo(json(changed));

    String now = json(changed).path("version").asText();
    assertThat(at("PUT", now, "{}").status()).isEqualTo(200);
    assertThat(at("DELETE", "*", "").status()).isEqualTo(204);
  }

  @Test
  void member_that_is_not_there_has_no_version() {
    assertProblem(at("PUT", "*", "{}"), 412, "version_mismatch");
    assertProblem(at("PUT", "\"1\"", "{}"), 412, "version_mismatch");
    assertProblem(api.call("GET", APP + "/members/1", ""), 404, "member_not_found");
  }

  @Test
  void malformed_version_changes_nothing() {
    for (String bad : List.of("", "x", "\"1\", \"2\"", "W/\"1\"", "-1", "\"1")) {
      assertProblem(at("PUT", bad, "{}"), 400, "invalid_if_match");
    }
    assertProblem(api.call("GET", APP + "/members/1", ""), 404, "member_not_found");
  }
}
