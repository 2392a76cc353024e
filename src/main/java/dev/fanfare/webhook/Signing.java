package dev.fanfare.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Signatures as Standard Webhooks 1.0 has them, `v1,` and the Base64 of the HMAC-SHA256 of
/// `id.timestamp.body`, and as Tencent's callbacks have them.
public final class Signing {
  private static final String PREFIX = "whsec_";
  private static final int SECRET_BYTES = 24;

  private Signing() {}

  /// A new secret: `whsec_` and the Base64 of its bytes.
  public static String secret(RandomGenerator random) {
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    return PREFIX + Base64.getEncoder().encodeToString(bytes);
  }

  /// The value of the parameter `Sign` in Tencent's callbacks: the SHA-256 of the token followed by
  /// RequestTime, in lower-case hex.
  ///
  /// @param requestTime seconds since the epoch
  static String sign(String token, long requestTime) {
    try {
      byte[] signed = (token + requestTime).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(signed));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /// The value of the header `webhook-signature`.
  ///
  /// @param timestamp seconds since the epoch
  static String signature(String secret, String id, long timestamp, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      byte[] key = Base64.getDecoder().decode(secret.substring(PREFIX.length()));
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
