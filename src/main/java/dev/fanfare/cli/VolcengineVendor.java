package dev.fanfare.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Users of Volcengine IM, read by `BatchGetUser` (version 2020-12-01), signed with HMAC-SHA256.
final class VolcengineVendor implements Vendor {
  static final String URL = "https://rtc.volcengineapi.com";

  private static final String QUERY = "Action=BatchGetUser&Version=2020-12-01";
  private static final String SIGNED = "content-type;host;x-content-sha256;x-date";
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final Set<String> PASSING =
      Set.of(
          "FailToConnect",
          "FlowLimitExceeded",
          "InternalError",
          "InternalServiceTimeout",
          "ServiceUnavailableTemp");

  private final VendorHttp http;
  private final Key key;
  private final Clock clock;

  /// Whose users are read, and as whom.
  record Key(long appId, String accessKey, String secretKey, String region) {
    /// Reads `{"appId": 1, "accessKey": "AK…", "secretKey": "…", "region": "cn-north-1"}`.
    static Key read(JsonNode json) {
      Key key =
          new Key(
              json.path("appId").asLong(),
              json.path("accessKey").asText(),
              json.path("secretKey").asText(),
              json.path("region").asText("cn-north-1"));
      if (key.appId == 0 || key.accessKey.isEmpty() || key.secretKey.isEmpty()) {
        throw CliException.badUsage("--vendor-key needs appId, accessKey and secretKey");
      }
      return key;
    }
  }

  VolcengineVendor(VendorHttp http, Key key, Clock clock) {
    this.http = http;
    this.key = key;
    this.clock = clock;
  }

  @Override
  public int most() {
    return 50;
  }

  @Override
  public int perSecond() {
    return 100;
  }

  @Override
  public Map<String, ObjectNode> members(List<String> ids) {
    ObjectNode body = Client.object().put("AppId", key.appId());
    ArrayNode users = body.putArray("UserIds");
    // Its users have numbers; any other id is none of its users.
    ids.stream().filter(VolcengineVendor::isUserId).forEach(id -> users.add(Long.parseLong(id)));
    Map<String, ObjectNode> members = new LinkedHashMap<>();
    if (users.isEmpty()) {
      return members;
    }
    JsonNode answer = http.post("/?" + QUERY, body.toString(), headers(body.toString()));
    JsonNode error = answer.path("ResponseMetadata").path("Error");
    if (!error.isMissingNode()) {
      String code = error.path("Code").asText();
      throw new VendorException(
          code + ": " + error.path("Message").asText(), PASSING.contains(code));
    }
    for (JsonNode user : answer.path("Result").path("Users")) {
      ObjectNode member =
          Client.object()
              .put("nickName", user.path("NickName").asText())
              .put("portrait", user.path("Portrait").asText());
      member.putArray("tags").addAll((ArrayNode) user.withArray("/Tags"));
      member.set("ext", user.path("Ext").isObject() ? user.path("Ext") : Client.object());
      member.put("robot", user.path("IsRobot").asBoolean());
      members.put(user.path("UserId").asText(), member);
    }
    return members;
  }

  /// 1 to 9223372036854775807 in canonical form.
  private static boolean isUserId(String id) {
    return id.matches("[1-9][0-9]{0,18}") && new BigInteger(id).bitLength() < Long.SIZE;
  }

  private Map<String, String> headers(String body) {
    String date = DATE.format(clock.instant());
    String bodyHash = hex(sha256(body));
    String canonical =
        String.join(
            "\n",
            "POST",
            "/",
            QUERY,
            "content-type:application/json",
            "host:" + http.host().replaceFirst(":(80|443)$", ""),
            "x-content-sha256:" + bodyHash,
            "x-date:" + date,
            "",
            SIGNED,
            bodyHash);
    String day = date.substring(0, 8);
    String scope = day + "/" + key.region() + "/rtc/request";
    String toSign = String.join("\n", "HMAC-SHA256", date, scope, hex(sha256(canonical)));
    byte[] derived = key.secretKey().getBytes(UTF_8);
    for (String part : List.of(day, key.region(), "rtc", "request", toSign)) {
      derived = hmac(derived, part);
    }
    return Map.of(
        "Content-Type",
        "application/json",
        "X-Date",
        date,
        "X-Content-Sha256",
        bodyHash,
        "Authorization",
        "HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s"
            .formatted(key.accessKey(), scope, SIGNED, hex(derived)));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JVM has HMAC-SHA256", e);
    }
  }
}
