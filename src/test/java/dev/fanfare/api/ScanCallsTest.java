package dev.fanfare.api;

import static dev.fanfare.api.ApiFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.http.Response;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Members of an audience, page by page.
final class ScanCallsTest {
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

  private void register(int members) {
    StringBuilder operations = new StringBuilder();
    for (int i = 0; i < members; i++) {
      operations.append(i == 0 ? "" : ",");
      operations.append(
          "{'put': {'id': 'm%d', 'tags': ['%s']}}".formatted(i, i % 2 == 0 ? "even" : "odd"));
    }
    assertThat(
            api.call("POST", APP + "/members:batch", "{'operations': [" + operations + "]}")
                .status())
        .isEqualTo(200);
  }

  private JsonNode page(String query) {
    Response response = api.call("GET", APP + "/members?" + query, "");
    assertThat(response.status()).as("%s", json(response)).isEqualTo(200);
    return json(response);
  }

  private static List<String> ids(JsonNode page) {
    return page.path("members").valueStream().map(m -> m.path("id").asText()).toList();
  }

  @Test
  void pages_hold_who_was_selected_at_the_first_one_as_they_are_now() {
    register(10);
    JsonNode page = page("audience=tag%3Aeven&limit=2");
    assertThat(ids(page)).containsExactly("m0", "m2");
    assertThat(page.path("matched").asInt()).isEqualTo(5);
    api.call("PATCH", APP + "/members/m4", "{'nickName': 'new', 'tags': []}");
    api.call("DELETE", APP + "/members/m6", "");
    api.call("PUT", APP + "/members/m6", "{'tags': ['even']}");
    api.call("PUT", APP + "/members/late", "{'tags': ['even']}");
    List<String> rest = new ArrayList<>();
    String position = page.path("position").asText();
    while (page.has("cursor")) {
      page = page("limit=1&cursor=" + page.path("cursor").asText());
      rest.addAll(ids(page));
      assertThat(page.path("position").asText()).isEqualTo(position);
      assertThat(page.path("matched").asInt()).isEqualTo(5);
    }
    assertThat(rest).containsExactly("m4", "m8");
  }

  @Test
  void what_fits_on_one_page_starts_no_scan() {
    register(3);
    for (int i = 0; i < 20; i++) {
      JsonNode page = page("audience=everyone&limit=3");
      assertThat(ids(page)).containsExactly("m0", "m1", "m2");
      assertThat(page.has("cursor")).isFalse();
    }
  }

  @Test
  void running_scans_are_limited_and_those_read_to_the_end_do_not_count() {
    register(2);
    for (int i = 0; i < 15; i++) {
      String cursor = page("audience=everyone&limit=1").path("cursor").asText();
      assertThat(ids(page("cursor=" + cursor))).containsExactly("m1");
      assertThat(ids(page("cursor=" + cursor))).as("asked again").containsExactly("m1");
    }
    for (int i = 0; i < 10; i++) {
      page("audience=everyone&limit=1");
    }
    assertProblem(
        api.call("GET", APP + "/members?audience=everyone&limit=1", ""), 429, "too_many_scans");
    api.advance(Duration.ofHours(1));
    assertThat(page("audience=everyone&limit=1").has("cursor")).isTrue();
  }

  @Test
  void cursor_lasts_an_hour() {
    register(3);
    String cursor = page("audience=everyone&limit=1").path("cursor").asText();
    api.advance(Duration.ofSeconds(3_599));
    assertThat(ids(page("limit=1&cursor=" + cursor))).containsExactly("m1");
    api.advance(Duration.ofSeconds(1));
    assertProblem(api.call("GET", APP + "/members?cursor=" + cursor, ""), 410, "cursor_expired");
  }

  @Test
  void cursor_of_another_app_opens_nothing() {
    register(3);
    String cursor = page("audience=everyone&limit=1").path("cursor").asText();
    api.callAs("dev-admin-key", "POST", "/v1/apps", "{'id': 'other'}");
    assertProblem(
        api.callAs("dev-admin-key", "GET", "/v1/apps/other/members?cursor=" + cursor, ""),
        410,
        "cursor_expired");
  }

  @ParameterizedTest
  @CsvSource({
    "'', missing_parameter",
    "audience=, invalid_audience",
    "audience=tag%3A, invalid_audience",
    "audience=city%3Dny, unknown_attribute",
    "audience=everyone&limit=0, invalid_parameter",
    "audience=everyone&limit=1001, invalid_parameter",
    "audience=everyone&limit=x, invalid_parameter",
    "audience=everyone&audience=everyone, invalid_parameter",
    "audience=everyone&limits=1, unknown_parameter",
    "audience=%zz, invalid_path",
    "cursor=x, invalid_cursor",
    "cursor=%C3%A9, invalid_cursor",
  })
  void query_that_cannot_be_is_refused(String query, String code) {
    Response response = api.call("GET", APP + "/members?" + query, "");
    assertThat(json(response).path("code").asText()).isEqualTo(code);
    assertThat(response.status()).isBetween(400, 422);
  }
}
