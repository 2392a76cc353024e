package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.http.Request;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sections 1, 3.4, 3.5 and 6.2 of the contract: which error answers a request with several faults.
class OrderOfChecksTest {
  private static final String EMPTY = "{\"AppId\":123456}";
  private static final String GOOD = "{\"AppId\":123456,\"UserIds\":[1]}";

  private final FakeServer server = new FakeServer();

  @Test
  void a_request_with_every_fault_meets_the_rows_one_after_the_other() {
    Request bad =
        new Request("GET", "/x", "Action=", Map.of(), Hashes.utf8("no JSON"), "127.0.0.1");
    assertError(bad, "404 100008 InvalidActionOrVersion: Could not find operation  for version .");
    bad = moved(bad, "GET", "/", "Action=");
    assertError(bad, "405 100020 MethodNotAllowed: The method GET is not allowed, use POST.");
    bad = moved(bad, "POST", "", "Action=");
    assertError(bad, "400 100002 MissingParameter: The request is missing Action parameter.");
    bad = moved(bad, "POST", "/", "Action=Fly");
    assertError(bad, "400 100002 MissingParameter: The request is missing Version parameter.");
    bad = moved(bad, "POST", "/", "Action=Fly&Version=2020-12-01");
    assertError(
        bad, "401 100003 MissingAuthenticationToken: Request is missing Authentication Token.");
    bad = FakeServer.with(bad, "authorization", "Bearer abc");
    assertError(
        bad,
        "400 100024 InvalidAuthorization: Invalid 'Authorization' header, Pls check authorization"
            + " header.");
    bad = authorized(bad, "AK3/20261121/x/ecs", "");
    assertError(bad, "401 100005 MissingSignature: The request is missing signature.");
    bad = authorized(bad, "AK3/20261121/x/ecs", "a".repeat(64));
    assertError(
        bad,
        "400 100025 InvalidCredential: Invalid credential in 'Authorization', Pls check credential"
            + " in authorization header.");
    bad = authorized(bad, "AK3/20261121/x/ecs/request", "a".repeat(64));
    assertError(bad, "400 100004 MissingRequestInfo: The request is missing X-Date information.");
    bad = FakeServer.with(bad, "x-date", "20261121T000000Z");
    assertError(bad, "400 100006 InvalidTimestamp: The Signature of the request is expired.");
    bad = FakeServer.with(bad, "x-date", "20261121T075244Z");
    assertError(bad, "404 100007 ServiceNotFound: This service[ecs] not found.");
    bad = authorized(bad, "AK3/20261121/x/rtc/request", "a".repeat(64));
    assertError(
        bad,
        "401 100009 InvalidAccessKey: The accesskey [AK3] included in the request is invalid.");
    bad = authorized(bad, "AK/20261121/x/rtc/request", "a".repeat(64));
    assertError(
        bad,
        "401 100010 SignatureDoesNotMatch: The request signature we calculated does not match the"
            + " signature you provided. Check your Secret Access Key and signing method. Consult"
            + " the service documentation for details.");
    assertThat(server.error("Fly", "no JSON"))
        .isEqualTo(
            "404 100008 InvalidActionOrVersion: Could not find operation Fly for version"
                + " 2020-12-01.");
    assertThat(server.error("BatchGetUser", "no JSON"))
        .isEqualTo("400 200001 JsonParsingError: The request body is not a JSON object in UTF-8.");
    assertThat(server.error("BatchGetUser", "{}"))
        .isEqualTo("400 200002 InvalidParam: AppId is required.");
    assertThat(server.error("BatchGetUser", "{\"AppId\":9}"))
        .isEqualTo("404 200003 AppNotFound: The app 9 does not exist.");
    assertThat(server.error("BatchGetUser", "{\"AppId\":222}"))
        .isEqualTo(
            "403 200005 NoAuth: The app 222 does not belong to the account of this access key.");
    assertThat(server.error("BatchGetUser", "{\"AppId\":333}"))
        .isEqualTo("403 200004 AppStatusException: The app 333 is disabled.");
    assertThat(server.error("BatchGetUser", EMPTY))
        .isEqualTo("400 200002 InvalidParam: UserIds is required.");
    assertThat(server.result("BatchGetUser", GOOD))
        .isEqualTo("{\"Users\":[],\"NotFoundUsers\":[1]}");
    assertThat(server.proposed).isEmpty();
  }

  @Test
  void a_number_that_is_no_int32_cannot_be_an_app() {
    for (String number : new String[] {"0", "-1", "2147483648", "\"123456\"", "1.5", "null"}) {
      assertThat(server.error("BatchGetUser", "{\"AppId\":" + number + ",\"UserIds\":[1]}"))
          .startsWith("400 200002 InvalidParam: AppId ");
    }
    assertThat(server.error("BatchGetUser", "{\"AppId\":2147483647}")).contains("AppNotFound");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HMAC-SHA256",
        "HMAC-SHA256Credential=a, SignedHeaders=b, Signature=c",
        "HMAC-SHA1 Credential=a, SignedHeaders=x-date, Signature=c",
        "HMAC-SHA256 Signature=c",
        "HMAC-SHA256 Credential=a, Signature=c",
        "HMAC-SHA256 SignedHeaders=x-date, Signature=c",
        "HMAC-SHA256 Credential=a, SignedHeaders=x-date, Signature=c",
        "HMAC-SHA256 Credential=a, SignedHeaders=, Signature=",
        "HMAC-SHA256 Credential=a, SignedHeaders=a;;b, Signature=",
        "HMAC-SHA256 Credential=a, SignedHeaders=a b, Signature=",
        "HMAC-SHA256 Credential=a, SignedHeaders=x-date, Signature=, Extra=1",
        "HMAC-SHA256 Credential=a, SignedHeaders=x-date, Signature=, Credential=a",
        "HMAC-SHA256 Credential=a, SignedHeaders=x-date, Signature=,",
        "HMAC-SHA256 Credential=a, SignedHeaders=x-date, Signature",
      })
  void an_authorization_of_another_form_is_refused(String header) {
    Request request = FakeServer.with(FakeServer.signed("X", GOOD), "authorization", header);
    assertThat(server.error(request)).contains("InvalidAuthorization");
  }

  @Test
  void a_signature_is_64_lower_case_digits() {
    Request request = FakeServer.signed("BatchGetUser", GOOD);
    String scope = "AK/20261121/cn-north-1/rtc/request";
    assertError(authorized(request, scope, "A".repeat(64)), "InvalidAuthorization");
    assertError(authorized(request, scope, "a".repeat(63)), "InvalidAuthorization");
    assertError(authorized(request, scope, "a".repeat(64)), "SignatureDoesNotMatch");
  }

  @Test
  void a_header_without_a_signature_part_is_missing_one() {
    Request request =
        FakeServer.with(
            FakeServer.signed("X", GOOD),
            "authorization",
            "HMAC-SHA256 Credential=a, SignedHeaders=x-date");
    assertError(request, "MissingSignature");
  }

  @Test
  void spaces_after_commas_are_optional_and_plenty() {
    Request request = FakeServer.signed("BatchGetUser", GOOD);
    String header = request.header("authorization").orElseThrow();
    for (String other : new String[] {header.replace(", ", ","), header.replace(", ", ",   ")}) {
      assertThat(server.face().answer(FakeServer.with(request, "authorization", other)).status())
          .isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AK",
        "AK/20261121/cn-north-1/rtc",
        "AK/20261121/cn-north-1/rtc/request/more",
        "AK/20261121/cn-north-1/rtc/aws4_request",
        "/20261121/cn-north-1/rtc/request",
        "AK/20261121//rtc/request",
        "AK/20261120/cn-north-1/rtc/request",
        "AK/2026112/cn-north-1/rtc/request",
        "AK/2/cn-north-1/rtc/request",
        "AK/20261121T/cn-north-1/rtc/request",
      })
  void a_credential_has_five_parts_and_the_date_of_x_date(String credential) {
    Request request = FakeServer.signed("BatchGetUser", GOOD);
    assertError(authorized(request, credential, "a".repeat(64)), "InvalidCredential");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-21T07:52:44Z",
        "20261121T075244",
        "20261121T0752440Z",
        "20261121T075260Z",
        "20261131T075244Z",
        "20261121 075244Z",
        "",
        "now",
      })
  void an_x_date_of_another_form_is_no_timestamp(String date) {
    Request request = FakeServer.with(FakeServer.signed("BatchGetUser", GOOD), "x-date", date);
    assertError(request, "InvalidTimestamp");
  }

  @ParameterizedTest
  @CsvSource({
    "-900, '', true",
    "-901, '', false",
    "900, '', true",
    "901, '', false",
    "-901, 3600, true",
    "-3600, 3600, true",
    "-3601, 3600, false",
    "-3600, 999999999, true",
    "-3601, 999999999, false",
    "901, 3600, false",
    "900, 0, true",
    "-1, 0, false",
    "0, 0, true",
    "-60, 60, true",
    "-61, 60, false",
    "0, -1, false",
    "0, abc, false",
    "0, 99999999999, false"
  })
  void a_signature_is_valid_for_15_minutes_or_as_x_expires_says(
      int age, String expires, boolean valid) {
    Map<String, String> query = new LinkedHashMap<>(FakeServer.query("BatchGetUser"));
    if (!expires.isEmpty()) {
      query.put("X-Expires", expires);
    }
    Request request =
        FakeServer.SIGNER.request(query, GOOD, FakeServer.NOW.plus(Duration.ofSeconds(age)));
    String error = server.error(request);
    assertThat(error.contains("InvalidTimestamp")).as(error).isNotEqualTo(valid);
    assertThat(server.face().answer(request).status()).isEqualTo(valid ? 200 : 400);
  }

  @Test
  void any_region_will_do_when_it_is_the_one_signed() {
    TestSigner signer = new TestSigner("AK", "SK", "moon-1", "rtc");
    Request request = signer.request(FakeServer.query("BatchGetUser"), GOOD, FakeServer.NOW);
    assertThat(FakeServer.text(server.face().answer(request))).contains("\"Region\":\"moon-1\"");
    String header = request.header("authorization").orElseThrow();
    assertError(
        FakeServer.with(request, "authorization", header.replace("moon-1", "mars-1")),
        "SignatureDoesNotMatch");
  }

  @Test
  void action_and_version_are_case_sensitive_and_in_any_place_of_the_query() {
    assertThat(server.error("batchGetUser", GOOD)).contains("InvalidActionOrVersion");
    Map<String, String> query = new LinkedHashMap<>();
    query.put("z", "a b*");
    query.put("Version", "2020-12-01");
    query.put("Action", "BatchGetUser");
    assertThat(
            server.face().answer(FakeServer.SIGNER.request(query, GOOD, FakeServer.NOW)).status())
        .isEqualTo(200);
    query.put("Version", "2020-12-02");
    assertError(
        FakeServer.SIGNER.request(query, GOOD, FakeServer.NOW),
        "404 100008 InvalidActionOrVersion: Could not find operation BatchGetUser for version"
            + " 2020-12-02.");
  }

  @Test
  void a_session_token_is_signed_when_named_and_ignored_otherwise() {
    Request request = FakeServer.signed("BatchGetUser", GOOD);
    assertThat(server.face().answer(FakeServer.with(request, "x-security-token", "TOK")).status())
        .isEqualTo(200);
  }

  private void assertError(Request request, String expected) {
    assertThat(server.error(request)).contains(expected);
  }

  private static Request authorized(Request request, String credential, String signature) {
    return FakeServer.with(
        request,
        "authorization",
        "HMAC-SHA256 Credential=%s, SignedHeaders=x-date, Signature=%s"
            .formatted(credential, signature));
  }

  private static Request moved(Request request, String method, String path, String query) {
    return new Request(
        method, path, query, request.headers(), request.body(), request.remoteAddress());
  }
}
