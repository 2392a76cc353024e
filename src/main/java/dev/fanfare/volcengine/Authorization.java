package dev.fanfare.volcengine;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What an `Authorization` header says, well-formed and not yet believed.
///
/// @param credential accessKey/date/region/service/`request`, unchecked
/// @param signedHeaders names as sent, joined by `;`
/// @param signature 64 lower-case hexadecimal digits
record Authorization(String credential, String signedHeaders, String signature) {
  private static final String ALGORITHM = "HMAC-SHA256";
  private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  private static final Pattern SIGNATURE = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern REGION =
      Pattern.compile("Credential=[^/, ]+/[^/, ]+/([^/, ]+)/[^/, ]+/[^/, ]+");

  /// The credential's parts.
  record Scope(String accessKey, String date, String region, String service) {

    /// What the string to sign and the signing key are bound to.
    String text() {
      return date + "/" + region + "/" + service + "/request";
    }
  }

  /// Reads an Authorization header.
  ///
  /// @throws VolcengineException InvalidAuthorization or MissingSignature
  static Authorization parse(String header) {
    String text = header.strip();
    if (!text.startsWith(ALGORITHM + " ")) {
      throw VolcengineError.INVALID_AUTHORIZATION.with();
    }
    Map<String, String> parts = new HashMap<>();
    for (String part : text.substring(ALGORITHM.length()).split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals < 0
          || parts.put(part.substring(0, equals).strip(), part.substring(equals + 1).strip())
              != null) {
        throw VolcengineError.INVALID_AUTHORIZATION.with();
      }
    }
    String credential = parts.remove("Credential");
    String signedHeaders = parts.remove("SignedHeaders");
    String signature = parts.remove("Signature");
    if (credential == null
        || signedHeaders == null
        || !areNames(signedHeaders)
        || !parts.isEmpty()) {
      throw VolcengineError.INVALID_AUTHORIZATION.with();
    }
    if (signature == null || signature.isEmpty()) {
      throw VolcengineError.MISSING_SIGNATURE.with();
    }
    if (!SIGNATURE.matcher(signature).matches()) {
      throw VolcengineError.INVALID_AUTHORIZATION.with();
    }
    return new Authorization(credential, signedHeaders, signature);
  }

  private static boolean areNames(String signedHeaders) {
    return Arrays.stream(signedHeaders.split(";", -1))
        .allMatch(name -> HEADER_NAME.matcher(name).matches());
  }

  /// The region that a header's credential names, however wrong the rest is.
  static Optional<String> region(String header) {
    Matcher matcher = REGION.matcher(header);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /// The names of the signed headers, in order.
  List<String> signedHeaderNames() {
    return Arrays.asList(signedHeaders.split(";", -1));
  }

  /// The credential's parts.
  ///
  /// @throws VolcengineException InvalidCredential
  Scope scope() {
    String[] parts = credential.split("/", -1);
    if (parts.length != 5
        || Arrays.stream(parts).anyMatch(String::isEmpty)
        || !parts[4].equals("request")) {
      throw VolcengineError.INVALID_CREDENTIAL.with();
    }
    return new Scope(parts[0], parts[1], parts[2], parts[3]);
  }
}
