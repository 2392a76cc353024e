package dev.fanfare.api;

import static dev.fanfare.api.ApiFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.http.Response;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Apps, keys and limits over the native API.
final class AppCallsTest {
  private static final String ADMIN = "dev-admin-key";
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

  private Response admin(String method, String path, String body) {
    return api.callAs(ADMIN, method, path, body);
  }

  private static JsonNode done(Response response, int status) {
    assertThat(response.status()).as("%s", json(response)).isEqualTo(status);
    return json(response);
  }

  private static void assertProblem(Response response, int status, String code, String pointer) {
    assertThat(json(response).path("code").asText()).as("%s", json(response)).isEqualTo(code);
    assertThat(json(response).path("pointer").asText()).isEqualTo(pointer);
    assertThat(response.status()).isEqualTo(status);
  }

  @Test
  void app_is_made_with_the_callers_own_numbers_and_secrets() {
    String body =
        "{'id': 'shop', 'volcengine': {'appId': 123456, 'accessKeys': [{'accessKey': 'AK1',"
            + " 'secretKey': 's1'}, {'accessKey': 'AKdev', 'secretKey':"
            + " 'SKdev-secret-key-for-trying-out-only'}]}, 'tencent': {'sdkAppId': 1400000002,"
            + " 'secretKey': 't', 'administrators': ['root', 'ops']}, 'limitsProfile': 'strict'}";
    JsonNode made = done(admin("POST", "/v1/apps", body), 201);
    assertThat(made.at("/volcengine/appId").asLong()).isEqualTo(123456);
    assertThat(made.at("/volcengine/accessKeys").toString())
        .isEqualTo(
            "[{\"accessKey\":\"AK1\",\"secretKey\":\"s1\"},{\"accessKey\":\"AKdev\","
                + "\"secretKey\":\"SKdev-secret-key-for-trying-out-only\"}]");
    assertThat(made.at("/tencent/secretKey").asText()).isEqualTo("t");
    assertThat(made.at("/tencent/administrators").toString()).isEqualTo("[\"root\",\"ops\"]");
    assertThat(made.at("/limits/accessKeyDailyBroadcasts").asInt()).isEqualTo(20);
    String apiKey = made.path("apiKey").asText();
    assertThat(done(api.callAs(apiKey, "GET", "/v1/apps/shop", ""), 200).toString())
        .doesNotContain("s1", apiKey, made.path("deviceKey").asText());
    assertThat(done(admin("GET", "/v1/apps/shop/keys", ""), 200).toString())
        .contains("{\"kind\":\"volcengine-access-key\",\"name\":\"AK1\"")
        .contains("\"dailyBroadcasts\":20")
        .doesNotContain("s1", apiKey);
    assertThat(done(admin("GET", "/v1/apps", ""), 200).path("apps")).hasSize(2);
  }

  @Test
  void what_is_left_out_is_made() {
    JsonNode made = done(admin("POST", "/v1/apps", "{'id': 'shop'}"), 201);
    assertThat(made.at("/volcengine/appId").asLong()).isBetween(1_400_000_000L, 1_500_000_000L);
    assertThat(made.at("/volcengine/accessKeys/0/accessKey").asText()).startsWith("AK");
    assertThat(made.at("/volcengine/accessKeys/0/secretKey").asText()).hasSize(40);
    assertThat(made.at("/tencent/secretKey").asText()).hasSize(64);
    assertThat(made.at("/tencent/administrators/0").asText()).isEqualTo("administrator");
    assertThat(made.path("deviceKey").asText()).hasSize(40);
    JsonNode none =
        done(admin("POST", "/v1/apps", "{'id': 'none', 'volcengine': null, 'tencent': null}"), 201);
    assertThat(none.has("volcengine")).isFalse();
    assertThat(none.has("tencent")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|400|missing_field|/id",
        "{'id': 'Shop'}|400|invalid_field|/id",
        "{'id': '12'}|400|invalid_field|/id",
        "{'id': 'demo'}|409|already_exists|",
        "{'id': 'a', 'name': 1}|400|unknown_field|/name",
        "{'id': 'a', 'limitsProfile': 'lax'}|400|invalid_field|/limitsProfile",
        "{'id': 'a', 'volcengine': {'appId': 0}}|400|invalid_field|/volcengine/appId",
        "{'id': 'a', 'volcengine': {'appId': 1400000001}}|409|already_exists|",
        "{'id': 'a', 'tencent': {'sdkAppId': 1400000001}}|409|already_exists|",
        "{'id': 'a', 'volcengine': {'accessKeys': [{'accessKey': 'AKdev', 'secretKey': 'x'}]}}|409|already_exists|",
        "{'id': 'a', 'volcengine': {'accessKeys': [{'accessKey': 'AK'}]}}|400|missing_field|/volcengine/accessKeys/0/secretKey",
        "{'id': 'a', 'volcengine': {'accessKeys': [{'accessKey': 'A/K', 'secretKey': 'x'}]}}|400|invalid_field|/volcengine/accessKeys/0/accessKey",
        "{'id': 'a', 'volcengine': {'accessKeys': [{'accessKey': 'AK', 'secretKey': 'a b'}]}}|400|invalid_field|/volcengine/accessKeys/0/secretKey",
      })
  void app_that_cannot_be_is_refused(String body, int status, String code, String pointer) {
    assertProblem(admin("POST", "/v1/apps", body), status, code, pointer == null ? "" : pointer);
    assertThat(done(admin("GET", "/v1/apps", ""), 200).path("apps")).hasSize(1);
  }

  @Test
  void disabled_app_answers_the_admin_about_itself_alone() {
    done(admin("PATCH", APP, "{'disabled': true}"), 200);
    assertProblem(api.call("GET", APP, ""), 403, "app_disabled", "");
    assertProblem(admin("GET", APP + "/members/1", ""), 403, "app_disabled", "");
    done(admin("GET", APP + "/keys", ""), 200);
    assertThat(done(admin("PATCH", APP, "{'disabled': false}"), 200).path("disabled").asBoolean())
        .isFalse();
    done(api.call("GET", APP, ""), 200);
  }

  @Test
  void numbers_administrators_and_profile_change() {
    JsonNode changed =
        done(
            admin(
                "PATCH",
                APP,
                "{'volcengine': {'appId': 5}, 'tencent': {'administrators': ['root']},"
                    + " 'limitsProfile': 'open'}"),
            200);
    assertThat(changed.at("/volcengine/appId").asLong()).isEqualTo(5);
    assertThat(changed.at("/tencent/sdkAppId").asLong()).isEqualTo(1_400_000_001L);
    assertThat(changed.at("/tencent/administrators").toString()).isEqualTo("[\"root\"]");
    assertThat(changed.at("/limits/rates/RegisterUsers").asInt(-1)).isZero();
  }

  @Test
  void networks_that_may_call_the_tencent_dialect_change_and_outlive_a_profile() {
    String some = "{'tencent': {'callers': ['10.0.0.0/8', '2001:db8::1']}}";
    assertThat(done(admin("PATCH", APP, some), 200).at("/tencent/callers").toString())
        .isEqualTo("[\"10.0.0.0/8\",\"2001:db8::1\"]");
    assertProblem(
        admin("PATCH", APP, "{'tencent': {'callers': ['10.0.0.0/33']}}"),
        400,
        "invalid_field",
        "/tencent/callers");
    JsonNode profiled = done(admin("PATCH", APP, "{'limitsProfile': 'strict'}"), 200);
    assertThat(profiled.at("/tencent/callers").size()).isEqualTo(2);
    assertThat(
            done(admin("PATCH", APP, "{'tencent': {'callers': []}}"), 200)
                .at("/tencent/callers")
                .size())
        .isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"sender", "registrar", "reader", "dev-api-key"})
  void only_the_admin_changes_apps_and_limits(String key) {
    assertProblem(api.callAs(key, "POST", "/v1/apps", "{'id': 'a'}"), 403, "forbidden", "");
    assertProblem(api.callAs(key, "PATCH", APP, "{'disabled': true}"), 403, "forbidden", "");
    assertProblem(api.callAs(key, "PATCH", APP + "/limits", "{'robots': 1}"), 403, "forbidden", "");
    int keys = key.equals("dev-api-key") ? 200 : 403;
    assertThat(api.callAs(key, "GET", APP + "/keys", "").status()).isEqualTo(keys);
  }

  @Test
  void limits_stand_beside_their_defaults() {
    JsonNode limits = done(api.call("GET", APP + "/limits", ""), 200);
    assertThat(limits.path("robots").toString())
        .isEqualTo("{\"value\":5000,\"default\":5000,\"documented\":5000}");
    assertThat(limits.path("tagsPerMember").toString())
        .isEqualTo("{\"value\":100,\"default\":100}");
    assertThat(limits.path("accessKeyDailyBroadcasts").toString())
        .isEqualTo("{\"value\":0,\"default\":0,\"documented\":20}");
    JsonNode changed =
        done(
            admin(
                "PATCH",
                APP + "/limits",
                "{'robots': 7, 'rates': {'RegisterUsers': 0}, 'volcengineEmptyTagsRefused': true,"
                    + " 'registerFailedUserId': 'number'}"),
            200);
    assertThat(changed.at("/robots/value").asInt()).isEqualTo(7);
    assertThat(changed.at("/robots/default").asInt()).isEqualTo(5_000);
    assertThat(changed.at("/rates/RegisterUsers").toString())
        .isEqualTo("{\"value\":0,\"default\":50,\"documented\":50}");
    assertThat(changed.at("/volcengineEmptyTagsRefused").toString())
        .isEqualTo("{\"value\":true,\"default\":false}");
    assertThat(changed.at("/registerFailedUserId/value").asText()).isEqualTo("number");
    assertThat(done(api.call("GET", APP + "/limits", ""), 200)).isEqualTo(changed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'robot': 1}|unknown_field|/robot",
        "{'rates': 1}|invalid_field|/rates",
        "{'rates': {'Nothing': 1}}|unknown_field|/rates/Nothing",
        "{'rates.RegisterUsers': 1}|unknown_field|/rates.RegisterUsers",
        "{'robots': -1}|invalid_field|/robots",
        "{'robots': '1'}|invalid_field|/robots",
        "{'tagsPerMember': 0}|invalid_field|/tagsPerMember",
        "{'robots': 1, 'volcengineEmptyTagsRefused': 'true'}|invalid_field|/volcengineEmptyTagsRefused",
        "{'registerFailedUserId': 1}|invalid_field|/registerFailedUserId",
      })
  void limit_that_cannot_be_is_pointed_at(String body, String code, String pointer) {
    JsonNode before = json(api.call("GET", APP + "/limits", ""));
    assertProblem(admin("PATCH", APP + "/limits", body), 400, code, pointer);
    assertThat(json(api.call("GET", APP + "/limits", ""))).isEqualTo(before);
  }

  @Test
  void keys_are_added_listed_changed_and_removed() {
    String body =
        "{'kind': 'api-key', 'name': 'ci', 'role': 'reader', 'notAfter': '2026-02-01T00:00:00Z'}";
    JsonNode made = done(api.call("POST", APP + "/keys", body), 201);
    String secret = made.path("secret").asText();
    assertThat(secret).hasSize(40);
    assertThat(made.path("notAfter").asText()).isEqualTo("2026-02-01T00:00:00Z");
    assertThat(Instant.parse(made.path("createdAt").asText())).isAfter(Instant.EPOCH);
    done(api.callAs(secret, "GET", APP, ""), 200);
    assertThat(done(api.call("GET", APP + "/keys", ""), 200).toString()).doesNotContain(secret);
    assertProblem(api.call("POST", APP + "/keys", body), 409, "already_exists", "");

    String one = APP + "/keys/api-key/ci";
    done(api.call("PATCH", one, "{'disabled': true}"), 200);
    assertProblem(api.callAs(secret, "GET", APP, ""), 401, "unauthorized", "");
    done(api.call("PATCH", one, "{'disabled': false, 'notAfter': '2026-01-02T03:04:04Z'}"), 200);
    assertProblem(api.callAs(secret, "GET", APP, ""), 401, "unauthorized", "");
    assertThat(done(api.call("PATCH", one, "{'notAfter': null}"), 200).has("notAfter")).isFalse();
    done(api.callAs(secret, "GET", APP, ""), 200);
    assertThat(api.call("DELETE", one, "").status()).isEqualTo(204);
    assertProblem(api.call("DELETE", one, ""), 404, "key_not_found", "");
    assertProblem(api.callAs(secret, "GET", APP, ""), 401, "unauthorized", "");
  }

  @Test
  void shared_access_key_is_changed_by_the_admin_alone() {
    String secret = "SKdev-secret-key-for-trying-out-only";
    String one = APP + "/keys/volcengine-access-key/AKdev";
    done(api.call("PATCH", one, "{'dailyBroadcasts': 5}"), 200);
    JsonNode other = done(admin("POST", "/v1/apps", "{'id': 'other'}"), 201);
    JsonNode attached =
        done(
            api.callAs(
                other.path("apiKey").asText(),
                "POST",
                "/v1/apps/other/keys",
                "{'kind': 'volcengine-access-key', 'name': 'AKdev', 'secret': '" + secret + "'}"),
            201);
    assertThat(attached.path("dailyBroadcasts").asInt()).isEqualTo(5);
    assertProblem(api.call("PATCH", one, "{'dailyBroadcasts': 6}"), 403, "forbidden", "");
    done(admin("PATCH", one, "{'dailyBroadcasts': 6}"), 200);
    assertThat(done(admin("GET", "/v1/apps/other/keys", ""), 200).toString())
        .contains("\"dailyBroadcasts\":6");
    assertThat(api.call("DELETE", one, "").status()).isEqualTo(204);
    done(
        api.callAs(
            other.path("apiKey").asText(),
            "PATCH",
            "/v1/apps/other/keys/volcengine-access-key/AKdev",
            "{'dailyBroadcasts': 7}"),
        200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|missing_field|/kind",
        "{'kind': 'other'}|invalid_field|/kind",
        "{'kind': 'api-key'}|missing_field|/name",
        "{'kind': 'api-key', 'name': 'a'}|missing_field|/role",
        "{'kind': 'api-key', 'name': 'a', 'role': 'admin'}|invalid_field|/role",
        "{'kind': 'api-key', 'name': 'a', 'role': 'reader', 'secret': 'short'}|invalid_field|/secret",
        "{'kind': 'api-key', 'name': 'a', 'role': 'reader', 'dailyBroadcasts': 1}|invalid_field|/dailyBroadcasts",
        "{'kind': 'device-key', 'name': 'a', 'role': 'reader'}|invalid_field|/role",
        "{'kind': 'tencent-secret', 'name': 'a', 'notAfter': 'soon'}|invalid_field|/notAfter",
        "{'kind': 'tencent-secret', 'name': 'a', 'notAfter': 0}|invalid_field|/notAfter",
        "{'kind': 'tencent-secret', 'name': 'a', 'notAfter': null}|invalid_field|/notAfter",
        "{'kind': 'tencent-secret', 'name': 'a', 'notAfter': '1970-01-01T00:00:00.0009Z'}|invalid_field|/notAfter",
        "{'kind': 'volcengine-access-key', 'name': 'a'}|missing_field|/secret",
      })
  void key_that_cannot_be_is_pointed_at(String body, String code, String pointer) {
    assertProblem(api.call("POST", APP + "/keys", body), 400, code, pointer);
  }

  @Test
  void end_of_a_key_that_would_be_none_changes_nothing() {
    String keys = APP + "/keys";
    String one = keys + "/device-key/ends";
    done(api.call("POST", keys, "{'kind': 'device-key', 'name': 'ends', 'notAfter': 1}"), 201);
    for (String none : List.of("0", "'1970-01-01T00:00:00Z'")) {
      assertProblem(
          api.call("PATCH", one, "{'notAfter': " + none + "}"), 400, "invalid_field", "/notAfter");
    }
    assertThat(done(api.call("PATCH", one, "{}"), 200).path("notAfter").asText())
        .isEqualTo("1970-01-01T00:00:00.001Z");
  }

  @Test
  void app_has_at_most_100_keys() {
    for (int i = json(api.call("GET", APP + "/keys", "")).path("keys").size(); i < 100; i++) {
      done(api.call("POST", APP + "/keys", "{'kind': 'device-key', 'name': 'k" + i + "'}"), 201);
    }
    assertProblem(
        api.call("POST", APP + "/keys", "{'kind': 'device-key', 'name': 'more'}"),
        422,
        "too_many_keys",
        "");
  }

  @Test
  void without_a_device_key_there_is_no_token() {
    assertThat(api.call("DELETE", APP + "/keys/device-key/default", "").status()).isEqualTo(204);
    assertProblem(api.call("POST", APP + "/tokens", "{'member': '1'}"), 409, "no_device_key", "");
  }

  @Test
  void web_origins_are_set_shown_and_taken_away() {
    String made = "{'id': 'web', 'origins': ['https://a.example', '*']}";
    assertThat(done(admin("POST", "/v1/apps", made), 201).path("origins").toString())
        .isEqualTo("[\"https://a.example\",\"*\"]");
    assertThat(done(admin("GET", APP, ""), 200).path("origins")).isEmpty();
    String set = "{'origins': ['http://localhost:3000', 'capacitor://localhost']}";
    assertThat(done(admin("PATCH", APP, set), 200).path("origins")).hasSize(2);
    done(admin("PATCH", APP, "{'disabled': false}"), 200);
    assertThat(done(admin("GET", APP, ""), 200).path("origins")).as("others stay").hasSize(2);
    assertThat(done(admin("PATCH", APP, "{'origins': []}"), 200).path("origins")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "example.com",
        "https://example.com/",
        "https://Example.com",
        "https://example.com:443",
        "http://example.com:80",
        "https://",
        "https://*.example.com",
        "null",
      })
  void what_no_browser_sends_as_origin_is_refused(String origin) {
    Response response = admin("PATCH", APP, "{'origins': ['https://a.example', '" + origin + "']}");
    assertProblem(response, 400, "invalid_field", "/origins/1");
    assertThat(done(admin("GET", APP, ""), 200).path("origins")).isEmpty();
  }
}
