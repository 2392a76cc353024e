package dev.fanfare.volcengine;

import dev.fanfare.http.Request;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// A client's side of the signature, written from the contract and not from the server's code.
record TestSigner(String accessKey, String secretKey, String region, String service) {
  private static final DateTimeFormatter COMPACT =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  TestSigner(String accessKey, String secretKey) {
    this(accessKey, secretKey, "cn-north-1", "rtc");
  }

  /// The headers of a signed POST, all of those given among the signed ones.
  ///
  /// @param query decoded parameters
  Map<String, String> headers(
      Map<String, String> query, Map<String, String> given, byte[] body, Instant at) {
    Map<String, String> signed = new TreeMap<>(given);
    signed.put("x-date", COMPACT.format(at));
    signed.put("x-content-sha256", sha256(body));
    String names = String.join(";", signed.keySet());
    String canonical =
        "POST\n/\n"
            + query(new TreeMap<>(query))
            + "\n"
            + signed.entrySet().stream()
                .map(header -> header.getKey() + ":" + header.getValue() + "\n")
                .collect(Collectors.joining())
            + "\n"
            + names
            + "\n"
            + sha256(body);
    String date = COMPACT.format(at);
    String scope = date.substring(0, 8) + "/" + region + "/" + service + "/request";
    String text =
        "HMAC-SHA256\n"
            + date
            + "\n"
            + scope
            + "\n"
            + sha256(canonical.getBytes(StandardCharsets.UTF_8));
    byte[] key = secretKey.getBytes(StandardCharsets.UTF_8);
    for (String part : List.of(date.substring(0, 8), region, service, "request", text)) {
      key = hmac(key, part);
    }
    Map<String, String> headers = new LinkedHashMap<>(signed);
    headers.put(
        "authorization",
        "HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s"
            .formatted(accessKey, scope, names, HexFormat.of().formatHex(key)));
    return headers;
  }

  /// A signed request as the server's edge hands it on.
  Request request(Map<String, String> query, String body, Instant at) {
    Map<String, String> given =
        Map.of("content-type", "application/json", "host", "127.0.0.1:18181");
    return request(query, given, body, at);
  }

  /// The same, with these headers signed beside those of the signature itself.
  Request request(Map<String, String> query, Map<String, String> given, String body, Instant at) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    Map<String, List<String>> headers = new LinkedHashMap<>();
    headers(query, given, bytes, at).forEach((name, value) -> headers.put(name, List.of(value)));
    return new Request("POST", "/", query(query), headers, bytes, "127.0.0.1");
  }

  static String query(Map<String, String> parameters) {
    List<String> pairs = new ArrayList<>();
    parameters.forEach((name, value) -> pairs.add(encode(name) + "=" + encode(value)));
    return String.join("&", pairs);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~");
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
