package dev.fanfare.api;

import static dev.fanfare.api.ApiFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.http.Response;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The names of an app's attribute slots.
final class AttributeCallsTest {
  private static final String PATH = "/v1/apps/demo/attributes";

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

  @Test
  void named_slots_can_be_written_counted_and_renamed() {
    assertThat(api.call("PUT", PATH, "{'0': 'city', '9': 'tier'}").status()).isEqualTo(200);
    assertThat(json(api.call("GET", PATH, "")).toString())
        .isEqualTo("{\"0\":\"city\",\"9\":\"tier\"}");
    String member = "/v1/apps/demo/members/1";
    assertThat(api.call("PUT", member, "{'attributes': {'city': 'ny'}}").status()).isEqualTo(200);
    assertThat(count("city=ny")).isEqualTo(1);

    api.call("PUT", PATH, "{'0': 'town'}");
    assertThat(count("town=ny")).isEqualTo(1);
    assertThat(json(api.call("GET", member, "")).at("/attributes/town").asText()).isEqualTo("ny");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'10': 'x'}|unknown_field|/10",
        "{'0': 1}|invalid_field|/0",
        "{'0': ''}|invalid_field|/0",
        "{'0': 'a', '1': 'a'}|duplicate_name|/1"
      })
  void a_bad_name_is_refused_and_changes_nothing(String body, String code, String pointer) {
    api.call("PUT", PATH, "{'0': 'city'}");
    Response refused = api.call("PUT", PATH, body);

    assertThat(refused.status()).isEqualTo(400);
    assertThat(json(refused).path("code").asText()).isEqualTo(code);
    assertThat(json(refused).path("pointer").asText()).isEqualTo(pointer);
    assertThat(json(api.call("GET", PATH, "")).toString()).isEqualTo("{\"0\":\"city\"}");
  }

  @Test
  void only_the_owner_names_slots_and_every_role_reads_them() {
    assertThat(api.callAs("registrar", "PUT", PATH, "{}").status()).isEqualTo(403);
    assertThat(api.callAs("reader", "GET", PATH, "").status()).isEqualTo(200);
    assertThat(api.call("POST", PATH, "{}").status()).isEqualTo(405);
  }

  private int count(String audience) {
    String body = "{'audience': '" + audience + "'}";
    return json(api.call("POST", "/v1/apps/demo/audience:count", body)).path("matched").asInt();
  }
}
