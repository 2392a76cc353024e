package dev.fanfare.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SigningTest {

  /// The example of the specification of Standard Webhooks.
  @Test
  void signature_is_that_of_standard_webhooks() {
    assertThat(
            Signing.signature(
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void secrets_differ_and_have_24_bytes() {
    Random random = new Random(1);
    assertThat(Signing.secret(random)).matches("whsec_[A-Za-z0-9+/]{32}");
    assertThat(Signing.secret(random)).isNotEqualTo(Signing.secret(random));
  }

  @Test
  void sign_is_the_hash_of_token_and_time() {
    assertThat(Signing.sign("xxxyyy", 1_669_872_112L))
        .isEqualTo("e78a85473bed2cdc8d6fa8c4d5a4ba4735fd64156e15a99516b9890293e135de");
  }
}
