package dev.fanfare.api;

import static dev.fanfare.api.ApiFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.http.Response;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NativeFaceTest {
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

  @Test
  void problem_is_told_as_rfc_9457_has_it() {
    Response response = api.call("PUT", APP + "/members/1", "{'tags': ['a', 5]}");
    assertThat(response.headers()).containsEntry("Content-Type", "application/problem+json");
    JsonNode problem = json(response);
    assertThat(problem.path("type").asText()).isEqualTo("about:blank");
    assertThat(problem.path("title").asText()).isEqualTo("Bad Request");
    assertThat(problem.path("status").asInt()).isEqualTo(400);
    assertThat(problem.path("code").asText()).isEqualTo("invalid_field");
    assertThat(problem.path("detail").asText()).isEqualTo("has to be a string");
    assertThat(problem.path("pointer").asText()).isEqualTo("/tags/1");
    assertThat(problem.path("requestId").asText())
        .isNotEmpty()
        .isEqualTo(response.headers().get("X-Request-Id"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Bearer", "Bearer wrong", "Basic dev-api-key", "dev-api-key"})
  void without_a_valid_key_there_is_no_answer(String authorization) {
    Response response = api.call("GET", "/v1/apps", "", "authorization", authorization);
    assertProblem(response, 401, "unauthorized");
    assertThat(response.headers()).containsEntry("WWW-Authenticate", "Bearer");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1, not_found, 404",
    "GET, /v1/, not_found, 404",
    "GET, /v1/nothing, not_found, 404",
    "GET, /v1/apps/other, app_not_found, 404",
    "GET, /v1/apps/demo/nothing, not_found, 404",
    "GET, /v1/apps/demo/members/1/nothing, not_found, 404",
    "GET, /v1/apps/demo/members/1, member_not_found, 404",
    "GET, /v1/apps/demo/broadcasts/b-1, broadcast_not_found, 404",
    "GET, /v1/apps/demo/members/%zz, invalid_path, 400",
    "GET, /v1/apps/demo/members/%ff, invalid_path, 400",
    "GET, /v1/apps/demo/members/, invalid_member_id, 400",
    "GET, /v1/apps/demo/members/a%0Ab, invalid_member_id, 400",
    "POST, /v1/apps/demo/members/1, method_not_allowed, 405",
    "DELETE, /v1/apps/demo, method_not_allowed, 405",
    "GET, /v1/apps/demo/tokens, method_not_allowed, 405",
    "POST, /v1/apps, forbidden, 403",
    "PUT, /v1/apps, method_not_allowed, 405",
    "PUT, /v1/apps/demo/keys, method_not_allowed, 405",
    "PUT, /v1/apps/demo/limits, method_not_allowed, 405",
    "GET, /v1/apps/demo/keys/api-key/default, method_not_allowed, 405",
    "DELETE, /v1/apps/demo/keys/api-key/nobody, key_not_found, 404",
    "DELETE, /v1/apps/demo/keys/no-kind/default, key_not_found, 404",
  })
  void wrong_paths_have_their_codes(String method, String path, String code, int status) {
    assertProblem(api.call(method, path, ""), status, code);
  }

  @ParameterizedTest
  @CsvSource({
    "dev-admin-key, 200, 200, 201, 201",
    "dev-api-key, 200, 200, 201, 201",
    "sender, 403, 200, 201, 403",
    "registrar, 200, 403, 403, 201",
    "reader, 403, 200, 403, 403",
  })
  void roles_allow_what_they_say(String key, int put, int count, int send, int token) {
    assertThat(api.callAs(key, "PUT", APP + "/members/1", "{}").status()).isEqualTo(put);
    api.call("PUT", APP + "/members/2", "{}");
    assertThat(api.callAs(key, "GET", APP + "/members/2", "").status()).isEqualTo(200);
    assertThat(api.callAs(key, "GET", "/v1/apps", "").status()).isEqualTo(200);
    assertThat(
            api.callAs(key, "POST", APP + "/audience:count", "{'audience': 'everyone'}").status())
        .isEqualTo(count);
    String message = "{'audience': 'everyone', 'message': {'body': 1}}";
    assertThat(api.callAs(key, "POST", APP + "/broadcasts", message).status()).isEqualTo(send);
    assertThat(api.callAs(key, "POST", APP + "/tokens", "{'member': '2'}").status())
        .isEqualTo(token);
  }

  @Test
  void member_is_put_read_patched_and_removed() {
    String path = APP + "/members/a%2Fb%20c";
    String put =
        "{'nickName': 'Ann', 'portrait': 'p', 'tags': ['b', 'a', 'b'], 'ext': {'k': 'v'},"
            + " 'robot': true}";
    Response created = api.call("PUT", path, put);
    assertThat(created.status()).isEqualTo(200);
    JsonNode member = json(created);
    assertThat(member.path("id").asText()).isEqualTo("a/b c");
    assertThat(member.path("nickName").asText()).isEqualTo("Ann");
    assertThat(member.path("tags").toString()).isEqualTo("[\"b\",\"a\"]");
    assertThat(member.path("robot").asBoolean()).isTrue();
    assertThat(Instant.parse(member.path("createdAt").asText())).isAfter(Instant.EPOCH);

    JsonNode patched =
        json(
            api.call("PATCH", path, "{'nickName': null, 'tags': {'add': ['c'], 'remove': ['b']}}"));
    assertThat(patched.path("nickName").asText()).isEmpty();
    assertThat(patched.path("tags").toString()).isEqualTo("[\"a\",\"c\"]");
    assertThat(patched.path("ext").toString()).isEqualTo("{\"k\":\"v\"}");

    api.call("PUT", "/v1/apps/demo/attributes", "{'0': 'city', '3': 'tier'}");
    api.call("PATCH", path, "{'attributes': {'city': 'ny', 'tier': 'gold'}}");
    JsonNode cleared = json(api.call("PATCH", path, "{'attributes': null}"));
    assertThat(cleared.path("attributes")).as("%s", cleared).isEmpty();
    assertThat(cleared.path("tags").toString()).isEqualTo("[\"a\",\"c\"]");

    assertThat(api.call("PUT", path, patched.toString()).status()).isEqualTo(200);
    assertThat(api.call("DELETE", path, "").status()).isEqualTo(204);
    assertProblem(api.call("DELETE", path, ""), 404, "member_not_found");
    assertProblem(api.call("PATCH", path, "{}"), 404, "member_not_found");
  }

  @Test
  void batch_judges_each_operation_alone() {
    String body =
        "{'operations': [{'put': {'id': '1', 'tags': ['a']}}, {'patch': {'id': '9'}},"
            + " {'put': {'id': ''}}, {'remove': 7}, {'put': {'id': '2'}, 'remove': '1'},"
            + " {'patch': {'id': '1', 'tags': {'add': ['b']}}}]}";
    Response response = api.call("POST", APP + "/members:batch", body);
    assertThat(response.status()).isEqualTo(200);
    List<String> codes =
        json(response)
            .path("outcomes")
            .valueStream()
            .map(outcome -> outcome.path("ok").asBoolean() ? "ok" : outcome.path("code").asText())
            .toList();
    assertThat(codes)
        .containsExactly(
            "ok", "member_not_found", "invalid_member_id", "invalid_field", "invalid_field", "ok");
    assertThat(json(response).at("/outcomes/2/pointer").asText()).isEqualTo("/operations/2/put/id");
    assertThat(json(api.call("GET", APP + "/members/1", "")).path("tags").toString())
        .isEqualTo("[\"a\",\"b\"]");
  }

  @Test
  void batch_has_at_most_1000_operations() {
    String most = "{'remove': '1'},".repeat(999) + "{'remove': '1'}";
    assertThat(api.call("POST", APP + "/members:batch", "{'operations': [" + most + "]}").status())
        .isEqualTo(200);
    assertProblem(
        api.call("POST", APP + "/members:batch", "{'operations': [" + most + ", {}]}"),
        400,
        "invalid_field");
    assertProblem(api.call("POST", APP + "/members:batch", "{}"), 400, "missing_field");
  }

  @Test
  void count_tells_how_many_who_and_as_of_when() {
    api.call("PUT", APP + "/members/1", "{'tags': ['vip']}");
    api.call("PUT", APP + "/members/2", "{}");
    JsonNode count =
        json(
            api.call(
                "POST", APP + "/audience:count", "{'audience': {'tag': 'vip'}, 'sample': 10}"));
    assertThat(count.path("matched").asInt()).isEqualTo(1);
    assertThat(count.path("sample").toString()).isEqualTo("[\"1\"]");
    assertThat(count.path("text").asText()).isEqualTo("tag:vip");
    assertThat(count.path("position").asText()).contains("-");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|missing_field|/audience",
        "{'audience': null}|missing_field|/audience",
        "{'audience': 'tag:'}|invalid_audience|/audience",
        "{'audience': {'nobody': 1}}|invalid_audience|/audience",
        "{'audience': 'city=ny', 'message': {'body': 1}}|unknown_attribute|/audience",
        "{'audience': 'everyone'}|missing_field|/message",
        "{'audience': 'everyone', 'message': 1}|invalid_field|/message",
        "{'audience': 'everyone', 'message': {}}|missing_field|/message/body",
        "{'audience': 'everyone', 'message': {'body': 1, 'to': 1}}|unknown_field|/message/to",
        "{'audience': 'everyone', 'message': {'body': 1}, 'ttl': 1}|unknown_field|/ttl",
        "{'audience': 'everyone', 'message': {'body': 1}, 'ttlSeconds': -1}|invalid_field|/ttlSeconds",
        "{'audience': 'everyone', 'message': {'body': 1}, 'ttlSeconds': 2592001}|invalid_field|/ttlSeconds",
        "{'audience': 'everyone', 'message': {'body': 1}, 'ttlSeconds': 1.5}|invalid_field|/ttlSeconds",
        "{'audience': 'everyone', 'message': {'body': 1}, 'startAt': 'soon'}|invalid_field|/startAt",
        "{'audience': 'everyone', 'message': {'body': 1}, 'pacePerSecond': 0}|invalid_field|/pacePerSecond",
        "{'audience': 'everyone', 'message': {'body': 1}, 'from': ''}|invalid_field|/from",
        "{'audience': 'everyone', 'message': {'body': 1}, 'dryRun': 1}|invalid_field|/dryRun",
      })
  void broadcast_that_is_not_right_is_pointed_at(String body, String code, String pointer) {
    Response response = api.call("POST", APP + "/broadcasts", body);
    assertThat(json(response).path("code").asText()).isEqualTo(code);
    assertThat(json(response).path("pointer").asText()).isEqualTo(pointer);
  }

  @Test
  void broadcast_is_sent_and_shown() {
    api.call("PUT", APP + "/members/1", "{'tags': ['vip']}");
    String body = "{'audience': {'tag': 'vip'}, 'message': {'body': {'n': 1.10}}}";
    Response response = api.call("POST", APP + "/broadcasts", body);
    assertThat(response.status()).isEqualTo(201);
    JsonNode sent = json(response);
    assertThat(sent.path("id").asText()).matches("b-[0-9a-f]{24}");
    assertThat(sent.path("format").asText()).isEqualTo("native");
    assertThat(sent.path("from").asText()).isEqualTo("default");
    assertThat(sent.path("audience").toString()).isEqualTo("{\"tag\":\"vip\"}");
    assertThat(sent.path("audienceText").asText()).isEqualTo("tag:vip");
    assertThat(sent.path("message").toString()).isEqualTo("{\"body\":{\"n\":1.10}}");
    assertThat(sent.path("ttlSeconds").asLong()).isEqualTo(604_800);
    assertThat(sent.path("recipients").asInt()).isEqualTo(1);
    assertThat(sent.path("position").asText()).isNotEmpty();
    assertThat(json(api.call("GET", APP + "/broadcasts/" + sent.path("id").asText(), "")))
        .isEqualTo(sent);
  }

  @Test
  void start_is_taken_as_text_and_as_milliseconds() {
    for (String at : List.of("'2027-01-02T04:00:00+01:00'", "1798858800000")) {
      JsonNode sent =
          json(
              api.call(
                  "POST",
                  APP + "/broadcasts",
                  "{'audience': 'everyone', 'message': {'body': 1}, 'startAt': " + at + "}"));
      assertThat(sent.path("startAt").asText()).isEqualTo("2027-01-02T03:00:00Z");
      assertThat(sent.path("state").asText()).isEqualTo("scheduled");
    }
  }

  @Test
  void dry_run_counts_and_sends_nothing() {
    api.call("PUT", APP + "/members/1", "{}");
    Response response =
        api.call(
            "POST",
            APP + "/broadcasts",
            "{'audience': 'everyone', 'message': {'body': 1}, 'dryRun': true}",
            "idempotency-key",
            "k");
    assertThat(response.status()).isEqualTo(200);
    assertThat(json(response).path("matched").asInt()).isEqualTo(1);
    assertThat(json(response).has("id")).isFalse();
  }

  @Test
  void idempotency_key_names_one_broadcast() {
    String body = "{'audience': 'everyone', 'message': {'body': 1}}";
    Response first = api.call("POST", APP + "/broadcasts", body, "idempotency-key", "k");
    Response second = api.call("POST", APP + "/broadcasts", body, "idempotency-key", "k");
    assertThat(first.status()).isEqualTo(201);
    assertThat(second.status()).isEqualTo(200);
    assertThat(json(second).path("id")).isEqualTo(json(first).path("id"));
    assertProblem(
        api.call("POST", APP + "/broadcasts", body + " ", "idempotency-key", "k"),
        422,
        "idempotency_key_reused");
    for (String bad : List.of("", "a b", "é", "x".repeat(256))) {
      assertProblem(
          api.call("POST", APP + "/broadcasts", body, "idempotency-key", bad),
          400,
          "invalid_idempotency_key");
    }
  }

  @Test
  void message_has_at_most_32_kilobytes() {
    String head = "{'audience': 'everyone', 'message': {'body': '";
    int room = (32 << 10) - "{\"body\":\"\"}".length();
    assertThat(api.call("POST", APP + "/broadcasts", head + "x".repeat(room) + "'}}").status())
        .isEqualTo(201);
    assertProblem(
        api.call("POST", APP + "/broadcasts", head + "x".repeat(room + 1) + "'}}"),
        413,
        "message_too_large");
  }

  @Test
  void token_is_minted_for_a_day() {
    Response response = api.call("POST", APP + "/tokens", "{'member': '1'}");
    assertThat(response.status()).isEqualTo(201);
    assertThat(json(response).path("expiresAt").asText()).isEqualTo("2026-01-03T03:04:05Z");
    assertThat(json(response).path("token").asText().split("\\.")).hasSize(3);
    assertProblem(
        api.call("POST", APP + "/tokens", "{'member': '1', 'ttlSeconds': 0}"),
        400,
        "invalid_field");
  }

  @Test
  void user_sig_is_made_for_owners_alone() {
    Response response =
        api.call("POST", APP + "/usersigs", "{'account': '10001', 'ttlSeconds': 60}");
    assertThat(response.status()).isEqualTo(201);
    assertThat(json(response).path("expiresAt").asText()).isEqualTo("2026-01-02T03:05:05Z");
    assertThat(json(response).path("userSig").asText()).matches("[A-Za-z0-9*_-]{100,}");
    String body = "{'account': '1'}".replace('\'', '"');
    assertProblem(api.callAs("registrar", "POST", APP + "/usersigs", body), 403, "forbidden");
    assertProblem(api.call("POST", APP + "/usersigs", "{'account': ''}"), 400, "invalid_member_id");
    String secret = APP + "/keys/tencent-secret/default";
    assertThat(api.callAs("dev-admin-key", "DELETE", secret, "").status()).isEqualTo(204);
    assertProblem(
        api.call("POST", APP + "/usersigs", "{'account': '1'}"), 409, "no_tencent_secret");
  }

  @Test
  void credentials_are_made_from_after_the_last_ones_that_were_revoked() {
    String member = APP + "/members/7";
    assertThat(api.call("PUT", member, "{}").status()).isEqualTo(200);
    assertThat(api.call("DELETE", member, "").status()).isEqualTo(204);
    String token =
        json(api.call("POST", APP + "/tokens", "{'member': '7'}")).path("token").asText();
    byte[] claims = Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]);
    long now = Instant.parse("2026-01-02T03:04:05Z").getEpochSecond();
    assertThat(new String(claims, StandardCharsets.UTF_8)).contains("\"iat\":" + (now + 1));
  }

  @Test
  void app_is_shown_without_its_secrets() {
    Response response = api.callAs("dev-admin-key", "GET", APP, "");
    assertThat(json(response).at("/volcengine/appId").asLong()).isEqualTo(1_400_000_001L);
    assertThat(json(response).at("/limits/tagsPerMember").asInt()).isEqualTo(100);
    assertThat(json(response).toString()).doesNotContain("SKdev", "dev-device-key", "dev-api-key");
    assertThat(json(api.call("GET", "/v1/apps", "")).at("/apps/0/id").asText()).isEqualTo("demo");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "1",
        "{",
        "{} {}",
        "{'a': 1, 'a': 1}",
        "{'nickName': '\\ud800'}",
        "{'\\udc00': 1}"
      })
  void body_has_to_be_one_json_object_in_unicode(String body) {
    assertProblem(api.call("PUT", APP + "/members/1", body), 400, "invalid_json");
  }

  @Test
  void a_member_that_is_removed_as_soon_as_it_was_put_was_put_all_the_same() throws Exception {
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<?> removals =
          threads.submit(() -> {
            for (int i = 0; i < 400; i++) {
              assertThat(api.call("DELETE", APP + "/members/1", "").status()).isIn(204, 404);
            }
          });
      for (int i = 0; i < 400; i++) {
        assertThat(api.call("PUT", APP + "/members/1", "{}").status()).isIn(200, 204);
      }
      removals.get();
    }
  }

  static Stream<String> unreadable() {
    return Stream.of(
        "{'nickName': " + "[".repeat(64) + "]".repeat(64) + "}",
        "{'" + "n".repeat(50_001) + "': 1}",
        "{'nickName': " + "1".repeat(1_001) + "}",
        "{'nickName': 0." + "1".repeat(1_001) + "}",
        "{'nickName': 1e99999999999}",
        "{'nickName': 10e2147483647}",
        "{'nickName': 1e10000}",
        "{'nickName': 1e-10000}");
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void body_beyond_what_is_read_is_the_callers_mistake(String body) {
    assertProblem(api.call("PUT", APP + "/members/1", body), 400, "invalid_json");
  }

  @Test
  void too_large_and_failed_requests_have_problems_too() {
    Response busy = api.face().busy(api.request("PUT", "/v1", ""));
    assertProblem(busy, 503, "try_again");
    assertThat(busy.headers()).containsEntry("Retry-After", "1");
    assertProblem(api.face().tooLarge(api.request("PUT", "/v1", "")), 413, "body_too_large");
    assertProblem(
        api.face().failure(api.request("PUT", "/v1", ""), new IllegalStateException("secret")),
        500,
        "internal_error");
  }
}
