package dev.fanfare.app;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// What a UserSig says before anybody believes it: JSON, in a zlib stream, in Base64 with `*`, `-`
/// and `_` in place of `+`, `/` and `=`.
///
/// @param userBuf standard Base64, as signed; empty when there is none
/// @param signature standard Base64
record UserSigDocument(
    String identifier,
    long sdkAppId,
    long time,
    long expire,
    Optional<String> userBuf,
    String signature) {

  private static final int MAX_JSON = 8_192;
  private static final Pattern DECIMAL = Pattern.compile("0|-?[1-9][0-9]{0,18}");
  private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]*={0,2}");
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");
  private static final String VERSION = "2.0";
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  /// Reads a UserSig; empty when it has not this form.
  static Optional<UserSigDocument> decode(String text) {
    if (text.length() > UserSig.MOST_CHARACTERS) {
      return Optional.empty();
    }
    String base64 = text.replace('*', '+').replace('-', '/').replace('_', '=');
    try {
      byte[] compressed = Base64.getDecoder().decode(base64);
      return inflate(compressed).flatMap(UserSigDocument::parse);
    } catch (IllegalArgumentException | DataFormatException _) {
      return Optional.empty();
    }
  }

  /// What a zlib stream holds, if it is whole, has nothing after it and is not too large.
  private static Optional<ByteBuffer> inflate(byte[] compressed) throws DataFormatException {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(compressed);
      byte[] json = new byte[MAX_JSON + 1];
      int length = 0;
      int more;
      do {
        more = inflater.inflate(json, length, json.length - length);
        length += more;
      } while (more > 0 && length < json.length && !inflater.finished());
      boolean whole = inflater.finished() && inflater.getRemaining() == 0 && length <= MAX_JSON;
      return whole ? Optional.of(ByteBuffer.wrap(json, 0, length)) : Optional.empty();
    } finally {
      inflater.end();
    }
  }

  private static Optional<UserSigDocument> parse(ByteBuffer bytes) {
    try {
      JsonNode json = JSON.readTree(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
      return json.isObject() ? of(json) : Optional.empty();
    } catch (CharacterCodingException | JsonProcessingException _) {
      return Optional.empty();
    }
  }

  /// The signed text is lines, so nothing that goes into it may hold a line's end: it could be read
  /// as other claims.
  private static Optional<UserSigDocument> of(JsonNode json) {
    JsonNode identifier = json.path("TLS.identifier");
    JsonNode userBuf = json.path("TLS.userbuf");
    JsonNode signature = json.path("TLS.sig");
    OptionalLong sdkAppId = integer(json.path("TLS.sdkappid"));
    OptionalLong time = integer(json.path("TLS.time"));
    OptionalLong expire = integer(json.path("TLS.expire"));
    boolean good =
        VERSION.equals(json.path("TLS.ver").textValue())
            && identifier.isTextual()
            && mayIdentify(identifier.textValue())
            && sdkAppId.isPresent()
            && time.isPresent()
            && expire.isPresent()
            && (userBuf.isMissingNode() || isBase64(userBuf))
            && signature.isTextual();
    return good
        ? Optional.of(
            new UserSigDocument(
                identifier.textValue(),
                sdkAppId.getAsLong(),
                time.getAsLong(),
                expire.getAsLong(),
                Optional.ofNullable(userBuf.textValue()),
                signature.textValue()))
        : Optional.empty();
  }

  /// Whether text can be signed as an identifier and come back as it was.
  static boolean mayIdentify(String identifier) {
    return !identifier.isEmpty()
        && !CONTROL.matcher(identifier).find()
        && StandardCharsets.UTF_8.newEncoder().canEncode(identifier);
  }

  private static boolean isBase64(JsonNode node) {
    return node.isTextual() && BASE64.matcher(node.textValue()).matches();
  }

  /// A number, or its decimal digits as text.
  private static OptionalLong integer(JsonNode node) {
    if (node.isIntegralNumber() && node.canConvertToLong()) {
      return OptionalLong.of(node.longValue());
    }
    if (!node.isTextual() || !DECIMAL.matcher(node.textValue()).matches()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(node.textValue()));
    } catch (NumberFormatException _) {
      return OptionalLong.empty();
    }
  }

  /// The text that is signed.
  String signed() {
    String claims =
        "TLS.identifier:" + identifier + "\nTLS.sdkappid:" + sdkAppId + "\nTLS.time:" + time;
    String buffer = userBuf.map(base64 -> "TLS.userbuf:" + base64 + "\n").orElse("");
    return claims + "\nTLS.expire:" + expire + "\n" + buffer;
  }

  UserSigDocument with(String newSignature) {
    return new UserSigDocument(identifier, sdkAppId, time, expire, userBuf, newSignature);
  }

  /// The text that callers and devices show.
  String encode() {
    ObjectNode json =
        JSON.createObjectNode()
            .put("TLS.ver", VERSION)
            .put("TLS.identifier", identifier)
            .put("TLS.sdkappid", sdkAppId)
            .put("TLS.expire", expire)
            .put("TLS.time", time);
    userBuf.ifPresent(base64 -> json.put("TLS.userbuf", base64));
    byte[] bytes = json.put("TLS.sig", signature).toString().getBytes(StandardCharsets.UTF_8);
    return Base64.getEncoder()
        .encodeToString(deflate(bytes))
        .replace('+', '*')
        .replace('/', '-')
        .replace('=', '_');
  }

  private static byte[] deflate(byte[] bytes) {
    Deflater deflater = new Deflater();
    try {
      deflater.setInput(bytes);
      deflater.finish();
      byte[] compressed = new byte[bytes.length + 64];
      return Arrays.copyOf(compressed, deflater.deflate(compressed));
    } finally {
      deflater.end();
    }
  }
}
