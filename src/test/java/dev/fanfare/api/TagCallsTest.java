package dev.fanfare.api;

import static dev.fanfare.api.ApiFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.http.Response;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tags of an app.
final class TagCallsTest {
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

  private JsonNode tags(String query) {
    Response response = api.call("GET", APP + "/tags" + query, "");
    assertThat(response.status()).as("%s", json(response)).isEqualTo(200);
    return json(response);
  }

  @Test
  void tags_are_listed_with_exact_counts() {
    api.call("PUT", APP + "/members/1", "{'tags': ['vip', 'a/b', 'vi']}");
    api.call("PUT", APP + "/members/2", "{'tags': ['vip', 'zoë']}");
    assertThat(tags("").toString())
        .isEqualTo(
            "{\"tags\":[{\"name\":\"a/b\",\"members\":1},{\"name\":\"vi\",\"members\":1},"
                + "{\"name\":\"vip\",\"members\":2},{\"name\":\"zoë\",\"members\":1}]}");
    assertThat(tags("?prefix=vi").path("tags")).hasSize(2);
    assertThat(tags("?prefix=zo%C3%AB").path("tags")).hasSize(1);
    assertThat(tags("?prefix=no").path("tags")).isEmpty();
    List<String> names = new ArrayList<>();
    JsonNode page = tags("?limit=1");
    page.path("tags").forEach(tag -> names.add(tag.path("name").asText()));
    while (page.has("cursor")) {
      page = tags("?limit=1&cursor=" + page.path("cursor").asText());
      page.path("tags").forEach(tag -> names.add(tag.path("name").asText()));
    }
    assertThat(names).containsExactly("a/b", "vi", "vip", "zoë");
    assertProblem(api.call("GET", APP + "/tags?cursor=*", ""), 400, "invalid_cursor");
  }

  @Test
  void tag_is_taken_from_everyone() {
    StringBuilder operations = new StringBuilder("{'put': {'id': 'x', 'tags': ['other']}}");
    for (int i = 0; i < 999; i++) {
      operations.append(",{'put': {'id': 'm%d', 'tags': ['a/b', 'keep']}}".formatted(i));
    }
    String batch = "{'operations': [" + operations + "]}";
    assertThat(api.call("POST", APP + "/members:batch", batch).status()).isEqualTo(200);
    api.call("POST", APP + "/members:batch", batch.replace("'m", "'n"));
    assertThat(api.call("DELETE", APP + "/tags/a%2Fb", "").status()).isEqualTo(204);
    assertThat(tags("").toString()).doesNotContain("a/b").contains("keep\",\"members\":1998");
    JsonNode member = json(api.call("GET", APP + "/members/m7", ""));
    assertThat(member.path("tags").toString()).isEqualTo("[\"keep\"]");
    Response count = api.call("POST", APP + "/audience:count", "{'audience': {'tag': 'a/b'}}");
    assertThat(json(count).path("matched").asInt()).isZero();
    assertThat(api.call("DELETE", APP + "/tags/a%2Fb", "").status()).isEqualTo(204);
    assertProblem(api.call("DELETE", APP + "/tags/", ""), 400, "invalid_tag");
    assertProblem(api.call("DELETE", APP + "/tags/" + "x".repeat(257), ""), 400, "invalid_tag");
  }
}
