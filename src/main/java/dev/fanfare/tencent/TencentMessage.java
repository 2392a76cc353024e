package dev.fanfare.tencent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.Size;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.json.ExactJson;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A message in the Tencent format: stored as the request had it, delivered as the one-to-one
/// message that devices get.
///
/// @param sdkAppId the app's number when it was sent
/// @param sender From_Account, or the administrator who called
/// @param random MsgRandom, 0 to 2³²−1
/// @param lifetimeSeconds MsgLifeTime
/// @param body MsgBody; the newer family may leave it out
/// @param offlinePush OfflinePushInfo
/// @param batch whether it went to a list of accounts
/// @param dataId DataId
public record TencentMessage(
    long sdkAppId,
    String sender,
    long random,
    long lifetimeSeconds,
    Optional<JsonNode> body,
    Optional<JsonNode> offlinePush,
    boolean batch,
    Optional<String> dataId) {
  /// Members of what is stored that devices do not get.
  static final String BATCH = "Batch";

  static final String DATA_ID = "DataId";
  private static final long RANDOMS = 1L << 32;
  private static final int WEEK_SECONDS = 604_800;

  /// The message that a push carries, without its sender's right to send.
  static TencentMessage of(Call call) {
    return new TencentMessage(
        call.app().tencentSdkAppId(),
        call.body().text("From_Account", TencentError.BAD_TO_ACCOUNT).orElse(call.identifier()),
        random(call),
        call.newer() ? onlineOrWeek(call) : lifetime(call),
        body(call),
        OfflinePush.of(call),
        call.action() == Action.BATCH,
        call.newer() ? dataId(call) : Optional.empty());
  }

  /// The newer family may send what is shown on phones alone; to a list of accounts it always sends
  /// that.
  private static Optional<JsonNode> body(Call call) {
    boolean info = call.body().has("OfflinePushInfo");
    if (call.action() == Action.BATCH && !info) {
      throw TencentError.BAD_JSON.with("OfflinePushInfo is required");
    }
    boolean optional = call.newer() && info && !call.body().has("MsgBody");
    return optional ? Optional.empty() : Optional.of(MessageBody.of(call));
  }

  private static Optional<String> dataId(Call call) {
    Optional<String> dataId = call.body().text(DATA_ID, TencentError.BAD_JSON);
    int most = call.most(Size.TENCENT_DATA_ID);
    if (dataId.filter(text -> Call.bytes(text) > most).isPresent()) {
      throw TencentError.DATA_ID_TOO_LONG.with(DATA_ID + " must have at most " + most + " bytes");
    }
    return dataId;
  }

  /// For whom is online now, or, the default, for a week.
  private static long onlineOrWeek(Call call) {
    return call.body().flag("OnlineOnlyFlag")
        ? 0
        : Math.min(WEEK_SECONDS, call.most(Size.TENCENT_LIFETIME));
  }

  /// Clients with signed 32-bit numbers send the upper half as negative ones.
  private static long random(Call call) {
    TencentError wrong =
        call.action() == Action.BATCH ? TencentError.BAD_JSON : TencentError.BAD_MSG_RANDOM;
    return call.body()
        .field("MsgRandom")
        .filter(JsonNode::isIntegralNumber)
        .filter(JsonNode::canConvertToLong)
        .map(JsonNode::longValue)
        .filter(value -> value >= Integer.MIN_VALUE && value < RANDOMS)
        .map(value -> Math.floorMod(value, RANDOMS))
        .orElseThrow(() -> wrong.with("MsgRandom must be an integer of 32 bits"));
  }

  private static long lifetime(Call call) {
    int most = call.most(Size.TENCENT_LIFETIME);
    Optional<JsonNode> lifetime = call.body().field("MsgLifeTime");
    if (lifetime.filter(value -> !value.isIntegralNumber()).isPresent()) {
      throw TencentError.LIFETIME_IS_NO_INTEGER.with("MsgLifeTime must be an integer");
    }
    return lifetime
        .map(value -> {
          long seconds = value.canConvertToLong() ? value.longValue() : -1;
          if (seconds < 0 || seconds > most) {
            throw TencentError.LIFETIME_OUT_OF_RANGE.with("MsgLifeTime must be 0 to " + most);
          }
          return seconds;
        })
        .orElse(0L);
  }

  /// What the journal keeps: a JSON object in UTF-8.
  byte[] stored() {
    ObjectNode object =
        JsonNodeFactory.instance
            .objectNode()
            .put("SdkAppId", sdkAppId)
            .put("From_Account", sender)
            .put("MsgRandom", random);
    body.ifPresent(elements -> object.set("MsgBody", elements));
    object.put("MsgLifeTime", lifetimeSeconds);
    offlinePush.ifPresent(info -> object.set("OfflinePushInfo", info));
    if (batch) {
      object.put(BATCH, true);
    }
    dataId.ifPresent(text -> object.put(DATA_ID, text));
    return bytes(object);
  }

  /// What a device receives: a JSON object in UTF-8. It names no receiver, so that all share it.
  public static byte[] deliver(Broadcast sent) {
    ObjectNode stored = read(sent.message());
    long seconds = Math.floorDiv(sent.created(), 1_000L);
    JsonNode random = stored.required("MsgRandom");
    ObjectNode object =
        JsonNodeFactory.instance
            .objectNode()
            .put("TaskId", Task.of(sent, stored).id())
            .put("From_Account", stored.required("From_Account").textValue());
    object.set("MsgRandom", random);
    object.put("MsgSeq", 0).put("MsgTime", seconds);
    object.put("MsgKey", "0_" + random.longValue() + "_" + seconds);
    if (stored.has("MsgBody")) {
      object.set("MsgBody", stored.required("MsgBody"));
    }
    object.set("MsgLifeTime", stored.required("MsgLifeTime"));
    if (stored.has("OfflinePushInfo")) {
      object.set("OfflinePushInfo", stored.required("OfflinePushInfo"));
    }
    return bytes(object);
  }

  /// What a device receives when the task is withdrawn: a JSON object in UTF-8.
  public static byte[] withdraw(Broadcast sent) {
    return bytes(JsonNodeFactory.instance.objectNode().put("TaskId", Task.of(sent).id()));
  }

  static ObjectNode read(byte[] stored) {
    try {
      return (ObjectNode) ExactJson.STORED.readTree(new String(stored, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stored message is damaged", e);
    }
  }

  private static byte[] bytes(ObjectNode object) {
    return object.toString().getBytes(StandardCharsets.UTF_8);
  }
}
