package dev.fanfare.app;

import dev.fanfare.schema.AppKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Predicate;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// UserSigs: what the Tencent dialect's callers and devices show, signed with a Tencent secret of
/// the app (TLSSigAPIv2, HMAC-SHA256).
///
/// The same claims have many UserSigs, by order of keys and level of compression, so one is decoded
/// and judged, never made again and compared. While several secrets are valid, any of them may have
/// signed it.
public final class UserSig {
  /// The longest one that is looked at. The vendor's are a tenth of that.
  public static final int MOST_CHARACTERS = 3_072;

  private UserSig() {}

  /// What a UserSig was found to be.
  public sealed interface Verdict {}

  /// It is valid now.
  ///
  /// @param time seconds since the epoch at which it was issued, as it says itself
  /// @param expire lifetime in seconds from then on
  /// @param key the secret that signed it
  public record Verified(String identifier, long time, long expire, SigningKey key)
      implements Verdict {

    /// The last second at which it is valid, since the epoch.
    public long expiresAt() {
      return lastSecond(time, expire);
    }
  }

  /// The first check that it did not pass; in their order.
  public enum Failure implements Verdict {
    /// Absent or empty.
    MISSING,
    /// Not such a document.
    UNDECODABLE,
    /// It names another app.
    OTHER_APP,
    /// None of the app's secrets signed it.
    BAD_SIGNATURE,
    /// It is somebody else's.
    OTHER_IDENTIFIER,
    EXPIRED
  }

  /// Judges a UserSig.
  ///
  /// @param text as shown; null when there was none
  /// @param identifier whether the request is made in this identifier's name
  /// @param nowSeconds seconds since the epoch
  public static Verdict verify(
      App app, @Nullable String text, Predicate<String> identifier, long nowSeconds) {
    if (text == null || text.isEmpty()) {
      return Failure.MISSING;
    }
    Optional<UserSigDocument> decoded = UserSigDocument.decode(text);
    if (decoded.isEmpty()) {
      return Failure.UNDECODABLE;
    }
    UserSigDocument document = decoded.get();
    if (document.sdkAppId() != app.tencentSdkAppId()) {
      return Failure.OTHER_APP;
    }
    Optional<AppKey> key = signer(app, document, Instant.ofEpochSecond(nowSeconds));
    if (key.isEmpty()) {
      return Failure.BAD_SIGNATURE;
    }
    if (!identifier.test(document.identifier())) {
      return Failure.OTHER_IDENTIFIER;
    }
    boolean expired =
        document.expire() <= 0 || nowSeconds > lastSecond(document.time(), document.expire());
    return expired
        ? Failure.EXPIRED
        : new Verified(
            document.identifier(), document.time(), document.expire(), SigningKey.of(key.get()));
  }

  /// Whether text has the form of a UserSig rather than of a device token, whose parts dots divide.
  public static boolean hasForm(String text) {
    return text.indexOf('.') < 0;
  }

  /// Signs a UserSig with the secret that is meant to last longest.
  ///
  /// @param nowSeconds seconds since the epoch, from which it is valid
  /// @param expire lifetime in seconds
  /// @return empty when the app has no number or no valid secret for the Tencent dialect
  /// @throws IllegalArgumentException when the identifier cannot be signed: empty, with control
  ///   characters, or with half of a surrogate pair
  public static Optional<String> make(App app, String identifier, long nowSeconds, long expire) {
    if (!UserSigDocument.mayIdentify(identifier)) {
      throw new IllegalArgumentException("an identifier that cannot be signed");
    }
    UserSigDocument claims =
        new UserSigDocument(
            identifier, app.tencentSdkAppId(), nowSeconds, expire, Optional.empty(), "");
    return app.keys(AppKey.Kind.TENCENT_SECRET, Instant.ofEpochSecond(nowSeconds)).stream()
        .filter(_ -> app.tencentSdkAppId() != 0)
        .max(Keys.LASTING)
        .map(key -> claims.with(signature(key, claims)).encode());
  }

  private static Optional<AppKey> signer(App app, UserSigDocument document, Instant now) {
    byte[] shown = document.signature().getBytes(StandardCharsets.UTF_8);
    return app.keys(AppKey.Kind.TENCENT_SECRET, now).stream()
        .filter(key -> {
          byte[] expected = signature(key, document).getBytes(StandardCharsets.US_ASCII);
          return MessageDigest.isEqual(expected, shown);
        })
        .findFirst();
  }

  private static String signature(AppKey key, UserSigDocument document) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.getSecret().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      byte[] signed = mac.doFinal(document.signed().getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(signed);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }

  private static long lastSecond(long time, long expire) {
    return time > Long.MAX_VALUE - expire ? Long.MAX_VALUE : time + expire;
  }
}
