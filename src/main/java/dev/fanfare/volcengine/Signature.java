package dev.fanfare.volcengine;

import dev.fanfare.http.Request;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/// The signature over a request: a chain of HMACs over a canonical form of the request.
///
/// The client says which headers it signed; the Node SDK signs neither Host nor Content-Type. That
/// SDK also folds runs of white space in a header's value into one space, and the others do not, so
/// both forms are a valid signature.
final class Signature {
  private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");

  private final Request request;
  private final Authorization authorization;
  private final Authorization.Scope scope;

  Signature(Request request, Authorization authorization, Authorization.Scope scope) {
    this.request = request;
    this.authorization = authorization;
    this.scope = scope;
  }

  /// Whether the holder of a secret key made this request, body included.
  boolean verify(String secretKey) {
    List<String> names =
        authorization.signedHeaderNames().stream().map(Signature::lowerCase).toList();
    Map<String, List<String>> headers = request.headers();
    String bodyHash = Hashes.sha256Hex(request.body());
    if (!names.contains("x-date")
        || !names.stream().allMatch(headers::containsKey)
        || !request.header("x-content-sha256").orElse(bodyHash).equals(bodyHash)) {
      return false;
    }
    byte[] key = signingKey(secretKey);
    String plain = canonicalRequest(String::strip);
    String folded = canonicalRequest(value -> WHITE_SPACE.matcher(value.strip()).replaceAll(" "));
    return matches(key, plain) || (!folded.equals(plain) && matches(key, folded));
  }

  private boolean matches(byte[] key, String canonicalRequest) {
    return MessageDigest.isEqual(
        Hashes.utf8(sign(key, stringToSign(canonicalRequest))),
        Hashes.utf8(authorization.signature()));
  }

  /// Step 5. The path is `/`, the only one there is.
  ///
  /// @param form brings a header's value into the form that was signed
  String canonicalRequest(UnaryOperator<String> form) {
    StringBuilder headers = new StringBuilder();
    for (String name : authorization.signedHeaderNames()) {
      String lower = lowerCase(name);
      String value = form.apply(String.join(",", request.headers().getOrDefault(lower, List.of())));
      headers.append(lower).append(':').append(signedValue(lower, value)).append('\n');
    }
    return String.join(
        "\n",
        request.method(),
        "/",
        Query.parse(request.query()).canonical(),
        headers,
        authorization.signedHeaders(),
        Hashes.sha256Hex(request.body()));
  }

  private static String signedValue(String name, String value) {
    boolean defaultPort = value.endsWith(":80") || value.endsWith(":443");
    return name.equals("host") && defaultPort ? value.substring(0, value.lastIndexOf(':')) : value;
  }

  /// Step 6.
  String stringToSign(String canonicalRequest) {
    return String.join(
        "\n",
        "HMAC-SHA256",
        request.header("x-date").orElse("").strip(),
        scope.text(),
        Hashes.sha256Hex(Hashes.utf8(canonicalRequest)));
  }

  /// Step 7. The secret key is used as it is, without prefix or decoding.
  byte[] signingKey(String secretKey) {
    byte[] key = Hashes.utf8(secretKey);
    for (String part : scope.text().split("/", -1)) {
      key = Hashes.hmac(key, part);
    }
    return key;
  }

  /// Step 8.
  static String sign(byte[] signingKey, String stringToSign) {
    return HexFormat.of().formatHex(Hashes.hmac(signingKey, stringToSign));
  }

  private static String lowerCase(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
