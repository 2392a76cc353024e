package dev.fanfare.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.schema.AppKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Device tokens: a JWT (RFC 7519) signed with HS256 by the app's device key.
///
/// Claims: `sub` the member's id, `app` the app's id, `iat` and `exp` in seconds. The app's own
/// back end may make them just as well. While several device keys are valid, a token may be signed
/// by any of them.
public final class DeviceTokens {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String HEADER =
      encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8));
  private static final int MAX_LENGTH = 2_048;

  private DeviceTokens() {}

  /// What a valid token says.
  ///
  /// @param issuedAt seconds since the epoch, 0 when absent
  /// @param expiresAt seconds since the epoch
  public record Claims(String member, long issuedAt, long expiresAt) {

    /// Claims from now on, or from the first second on in which the member's credentials are not
    /// revoked.
    ///
    /// @param notBefore the last second whose credentials are invalid; 0 for none
    public static Claims of(String member, Lifetime lifetime, long notBefore) {
      long issuedAt = Math.max(lifetime.from(), notBefore + 1);
      return new Claims(member, issuedAt, lifetime.to());
    }
  }

  /// When a token is valid.
  ///
  /// @param from seconds since the epoch
  /// @param to seconds since the epoch
  public record Lifetime(long from, long to) {}

  /// A token that is valid now.
  ///
  /// @param key the device key that signed it
  public record Verified(Claims claims, SigningKey key) {}

  /// Signs a token with the device key that is meant to last longest: one without an end, and the
  /// newest of those.
  ///
  /// @throws IllegalStateException when the app has no valid device key
  public static String mint(App app, Claims claims) {
    ObjectNode payload =
        JSON.createObjectNode()
            .put("sub", claims.member())
            .put("app", app.id())
            .put("iat", claims.issuedAt())
            .put("exp", claims.expiresAt());
    String signed = HEADER + "." + encode(payload.toString().getBytes(StandardCharsets.UTF_8));
    AppKey key =
        app.keys(AppKey.Kind.DEVICE_KEY, Instant.ofEpochSecond(claims.issuedAt())).stream()
            .max(Keys.LASTING)
            .orElseThrow(() -> new IllegalStateException("app " + app.id() + " has no device key"));
    return signed + "." + encode(sign(key, signed));
  }

  /// The claims of a token that this app signed and that is valid now; empty for any other text.
  ///
  /// @param nowSeconds seconds since the epoch
  public static Optional<Verified> verify(App app, String token, long nowSeconds) {
    String[] parts = token.length() <= MAX_LENGTH ? token.split("\\.", -1) : new String[0];
    if (parts.length != 3) {
      return Optional.empty();
    }
    try {
      Base64.Decoder decoder = Base64.getUrlDecoder();
      byte[] signature = decoder.decode(parts[2]);
      String signed = parts[0] + "." + parts[1];
      List<AppKey> keys = app.keys(AppKey.Kind.DEVICE_KEY, Instant.ofEpochSecond(nowSeconds));
      Optional<AppKey> signer =
          keys.stream()
              .filter(key -> MessageDigest.isEqual(signature, sign(key, signed)))
              .findFirst();
      if (signer.isEmpty()) {
        return Optional.empty();
      }
      JsonNode header = JSON.readTree(decoder.decode(parts[0]));
      JsonNode payload = JSON.readTree(decoder.decode(parts[1]));
      boolean valid =
          header.path("alg").asText().equals("HS256")
              && payload.path("app").asText().equals(app.id())
              && payload.path("sub").isTextual()
              && payload.path("exp").isIntegralNumber()
              && payload.path("exp").asLong() > nowSeconds;
      return valid
          ? Optional.of(
              new Verified(
                  new Claims(
                      payload.path("sub").asText(),
                      payload.path("iat").asLong(0),
                      payload.path("exp").asLong()),
                  SigningKey.of(signer.get())))
          : Optional.empty();
    } catch (IllegalArgumentException | JsonProcessingException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory are readable", e);
    }
  }

  private static byte[] sign(AppKey key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.getSecret().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
