package dev.fanfare.api;

import static dev.fanfare.api.ApiFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.http.Response;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The formats of webhooks.
final class WebhookFormatTest {
  private static final String HOOKS = "/v1/apps/demo/webhooks";

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

  private JsonNode added(String more) {
    Response response =
        api.call("POST", HOOKS, "{'url': 'http://127.0.0.1:1/" + more.length() + "'" + more + "}");
    assertThat(response.status()).as("%s", json(response)).isEqualTo(201);
    return json(response);
  }

  @Test
  void the_format_is_standard_unless_another_is_named() {
    assertThat(added("").path("format").asText()).isEqualTo("standard");
    assertThat(added(", 'format': 'standard'").path("events")).hasSize(3);
  }

  @Test
  void the_format_tencent_tells_receipts_alone() {
    JsonNode made = added(", 'format': 'tencent'");
    assertThat(made.path("format").asText()).isEqualTo("tencent");
    assertThat(made.path("events").toString()).isEqualTo("[\"receipts\"]");
    assertThat(added(", 'format': 'tencent', 'events': ['receipts']").path("events")).hasSize(1);
  }

  @Test
  void a_token_is_never_shown() {
    JsonNode made = added(", 'format': 'tencent', 'token': 'very-secret'");
    JsonNode listed = json(api.call("GET", HOOKS, ""));
    assertThat(made.toString() + listed).doesNotContain("very-secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'format': 'xml'",
        "'format': 7",
        "'token': 't'",
        "'format': 'standard', 'token': 't'",
        "'format': 'tencent', 'token': ''",
        "'format': 'tencent', 'events': ['life']",
        "'format': 'tencent', 'events': ['receipts', 'unreached']"
      })
  void what_does_not_fit_together_is_refused(String wrong) {
    Response response = api.call("POST", HOOKS, "{'url': 'http://127.0.0.1:1/', " + wrong + "}");
    assertThat(response.status()).as("%s", json(response)).isEqualTo(400);
    assertThat(json(api.call("GET", HOOKS, "")).path("webhooks")).isEmpty();
  }
}
