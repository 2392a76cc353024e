package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.http.Request;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What an operator may set for an access key: rates and a session token.
class AccountTest {
  private static final String GOOD = "{\"AppId\":123456,\"UserIds\":[1]}";
  private static final String TOO_FAST =
      "429 100018 FlowLimitExceeded: Request was rejected because the request speed of this"
          + " openAPI is beyond the current flow control limit.";

  private final FakeServer server = new FakeServer();

  @Test
  void a_call_beyond_the_rate_changes_nothing_and_the_rate_comes_back() {
    server.account =
        new Account("", Set.of(), Map.of(Action.UN_REGISTER_USERS, 2, Action.BATCH_GET_USER, 100));
    VolcengineFace face = server.face();
    Request removal = FakeServer.signed("UnRegisterUsers", GOOD);
    assertThat(face.answer(removal).status()).isEqualTo(200);
    assertThat(face.answer(removal).status()).isEqualTo(200);
    assertThat(server.proposed).hasSize(2);
    assertThat(FakeServer.error(face.answer(removal))).isEqualTo(TOO_FAST);
    assertThat(server.proposed).hasSize(2);
    assertThat(face.answer(FakeServer.signed("BatchGetUser", GOOD)).status())
        .as("another action")
        .isEqualTo(200);
    server.nanos.addAndGet(Duration.ofMillis(500).toNanos());
    assertThat(face.answer(removal).status()).isEqualTo(200);
    assertThat(FakeServer.error(face.answer(removal))).isEqualTo(TOO_FAST);
  }

  @Test
  void the_apps_of_a_key_share_its_rate_and_keys_do_not() {
    server.account = new Account("", Set.of(), Map.of(Action.BATCH_GET_USER, 1));
    VolcengineFace face = server.face();
    String other = GOOD.replace("123456", "222");
    TestSigner owner = new TestSigner("AK2", "SK2");
    assertThat(face.answer(FakeServer.signed("BatchGetUser", GOOD)).status()).isEqualTo(200);
    assertThat(
            FakeServer.error(
                face.answer(FakeServer.signed("BatchGetUser", GOOD.replace("123456", "333")))))
        .isEqualTo(TOO_FAST);
    assertThat(
            face.answer(owner.request(FakeServer.query("BatchGetUser"), other, FakeServer.NOW))
                .status())
        .isEqualTo(200);
  }

  @Test
  void the_rate_is_judged_before_the_body_and_after_the_signature() {
    server.account = new Account("", Set.of(), Map.of(Action.BATCH_GET_USER, 1));
    VolcengineFace face = server.face();
    Request unsigned =
        FakeServer.with(FakeServer.signed("BatchGetUser", GOOD), "x-date", "20261121T075245Z");
    for (int i = 0; i < 3; i++) {
      assertThat(FakeServer.error(face.answer(unsigned))).contains("SignatureDoesNotMatch");
      assertThat(FakeServer.error(face.answer(FakeServer.signed("Fly", GOOD))))
          .contains("InvalidActionOrVersion");
    }
    assertThat(FakeServer.error(face.answer(FakeServer.signed("BatchGetUser", "no JSON"))))
        .contains("JsonParsingError");
    assertThat(FakeServer.error(face.answer(FakeServer.signed("BatchGetUser", "no JSON"))))
        .isEqualTo(TOO_FAST);
  }

  @Test
  void a_rate_of_0_is_none() {
    server.account = new Account("", Set.of(), Map.of(Action.BATCH_GET_USER, 0));
    VolcengineFace face = server.face();
    for (int i = 0; i < 1_000; i++) {
      assertThat(face.answer(FakeServer.signed("BatchGetUser", GOOD)).status()).isEqualTo(200);
    }
  }

  @Test
  void a_key_with_a_session_token_needs_it_present_signed_and_equal() {
    server.account = new Account("TOK", Set.of(), Map.of());
    assertThat(server.error(withToken("TOK"))).startsWith("200 ");
    assertRefused(FakeServer.signed("BatchGetUser", GOOD), "X-Security-Token is missing.");
    assertRefused(
        FakeServer.with(FakeServer.signed("BatchGetUser", GOOD), "x-security-token", "TOK"),
        "X-Security-Token is not signed.");
    assertRefused(withToken("TOKEN"), "X-Security-Token is not the key's.");
    assertRefused(
        FakeServer.with(withToken("TOK"), "x-security-token", "tok"),
        "X-Security-Token is not the key's.");
    assertThat(server.proposed).isEmpty();
  }

  @Test
  void a_session_token_does_not_replace_the_signature() {
    server.account = new Account("TOK", Set.of(), Map.of());
    assertThat(server.error(FakeServer.with(withToken("TOK"), "host", "elsewhere")))
        .contains("SignatureDoesNotMatch");
  }

  @Test
  void a_key_without_a_session_token_ignores_the_one_that_is_sent() {
    assertThat(server.error(withToken("TOK"))).startsWith("200 ");
  }

  private void assertRefused(Request request, String why) {
    assertThat(server.error(request))
        .isEqualTo("401 100026 InvalidSecretToken: Invalid secret token, msg: " + why);
  }

  /// A read that was signed with a session token.
  private static Request withToken(String token) {
    return FakeServer.SIGNER.request(
        FakeServer.query("BatchGetUser"),
        Map.of("host", "h", "x-security-token", token),
        GOOD,
        FakeServer.NOW);
  }
}
