package dev.fanfare.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.DeflaterOutputStream;

/// Accounts of Tencent IM: `account_check` says which there are, `im_get_tag` and `im_get_attr`
/// what they have. Profiles are not read, so what the member has here stays.
final class TencentVendor implements Vendor {
  static final String URL = "https://console.tim.qq.com";

  private static final long SIGNATURE_SECONDS = 86_400;
  private static final Set<Integer> PASSING = Set.of(91000, 60007, 70169);

  private final VendorHttp http;
  private final Key key;
  private final Clock clock;

  /// Whose accounts are read, and as whom.
  record Key(long sdkAppId, String secretKey, String administrator) {
    /// Reads `{"sdkAppId": 1, "secretKey": "…", "administrator": "administrator"}`.
    static Key read(JsonNode json) {
      Key key =
          new Key(
              json.path("sdkAppId").asLong(),
              json.path("secretKey").asText(),
              json.path("administrator").asText("administrator"));
      if (key.sdkAppId == 0 || key.secretKey.isEmpty()) {
        throw CliException.badUsage("--vendor-key needs sdkAppId and secretKey");
      }
      return key;
    }
  }

  TencentVendor(VendorHttp http, Key key, Clock clock) {
    this.http = http;
    this.key = key;
    this.clock = clock;
  }

  @Override
  public int most() {
    return 100;
  }

  @Override
  public int perSecond() {
    return 100;
  }

  @Override
  public Map<String, ObjectNode> members(List<String> ids) {
    ObjectNode check = Client.object();
    ArrayNode items = check.putArray("CheckItem");
    ids.forEach(id -> items.addObject().put("UserID", id));
    Map<String, ObjectNode> members = new LinkedHashMap<>();
    ObjectNode known = Client.object();
    ArrayNode accounts = known.putArray("To_Account");
    for (JsonNode item : call("im_open_login_svc/account_check", check).path("ResultItem")) {
      if (item.path("AccountStatus").asText().equals("Imported")) {
        accounts.add(item.path("UserID").asText());
        members.put(item.path("UserID").asText(), Client.object());
      }
    }
    if (members.isEmpty()) {
      return members;
    }
    for (JsonNode user : call("all_member_push/im_get_tag", known).path("UserTags")) {
      ObjectNode member = members.get(user.path("To_Account").asText());
      if (member != null) {
        ArrayNode tags = member.putArray("tags");
        user.path("Tags").forEach(tags::add);
      }
    }
    for (JsonNode user : call("all_member_push/im_get_attr", known).path("UserAttrs")) {
      ObjectNode member = members.get(user.path("To_Account").asText());
      if (member != null) {
        member.set(
            "attributes", user.path("Attrs").isObject() ? user.path("Attrs") : Client.object());
      }
    }
    return members;
  }

  private JsonNode call(String command, ObjectNode body) {
    String target =
        "/v4/%s?sdkappid=%d&identifier=%s&usersig=%s&random=%d&contenttype=json"
            .formatted(
                command,
                key.sdkAppId(),
                Client.value(key.administrator()),
                Client.value(userSig()),
                ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE));
    JsonNode answer =
        http.post(target, body.toString(), Map.of("Content-Type", "application/json"));
    int code = answer.path("ErrorCode").asInt();
    if (code != 0) {
      throw new VendorException(
          code + ": " + answer.path("ErrorInfo").asText(), PASSING.contains(code));
    }
    return answer;
  }

  /// TLSSigAPIv2: signed claims as JSON in a zlib stream in Base64 with other signs.
  private String userSig() {
    long now = clock.instant().getEpochSecond();
    String claims =
        "TLS.identifier:%s\nTLS.sdkappid:%d\nTLS.time:%d\nTLS.expire:%d\n"
            .formatted(key.administrator(), key.sdkAppId(), now, SIGNATURE_SECONDS);
    byte[] signature = VolcengineVendor.hmac(key.secretKey().getBytes(UTF_8), claims);
    ObjectNode document =
        Client.object()
            .put("TLS.ver", "2.0")
            .put("TLS.identifier", key.administrator())
            .put("TLS.sdkappid", key.sdkAppId())
            .put("TLS.expire", SIGNATURE_SECONDS)
            .put("TLS.time", now)
            .put("TLS.sig", Base64.getEncoder().encodeToString(signature));
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (DeflaterOutputStream zlib = new DeflaterOutputStream(compressed)) {
      zlib.write(document.toString().getBytes(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return Base64.getEncoder()
        .encodeToString(compressed.toByteArray())
        .replace('+', '*')
        .replace('/', '-')
        .replace('=', '_');
  }
}
