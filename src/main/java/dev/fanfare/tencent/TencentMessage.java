package dev.fanfare.tencent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.Size;
import dev.fanfare.broadcast.Broadcast;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A message in the Tencent format: stored as the request had it, delivered as the one-to-one
/// message that devices get.
///
/// @param sdkAppId the app's number when it was sent
/// @param sender From_Account, or the administrator who called
/// @param random MsgRandom, 0 to 2³²−1
/// @param lifetimeSeconds MsgLifeTime
/// @param body MsgBody
/// @param offlinePush OfflinePushInfo
public record TencentMessage(
    long sdkAppId,
    String sender,
    long random,
    long lifetimeSeconds,
    JsonNode body,
    Optional<JsonNode> offlinePush) {
  private static final long RANDOMS = 1L << 32;

  /// The message that a push carries, without its sender's right to send.
  static TencentMessage of(Call call) {
    return new TencentMessage(
        call.app().tencentSdkAppId(),
        call.body().text("From_Account", TencentError.BAD_TO_ACCOUNT).orElse(call.identifier()),
        random(call.body()),
        lifetime(call),
        MessageBody.of(call),
        OfflinePush.of(call));
  }

  /// Clients with signed 32-bit numbers send the upper half as negative ones.
  private static long random(Fields body) {
    return body.field("MsgRandom")
        .filter(JsonNode::isIntegralNumber)
        .filter(JsonNode::canConvertToLong)
        .map(JsonNode::longValue)
        .filter(value -> value >= Integer.MIN_VALUE && value < RANDOMS)
        .map(value -> Math.floorMod(value, RANDOMS))
        .orElseThrow(
            () -> TencentError.BAD_MSG_RANDOM.with("MsgRandom must be an integer of 32 bits"));
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
    object.set("MsgBody", body);
    object.put("MsgLifeTime", lifetimeSeconds);
    offlinePush.ifPresent(info -> object.set("OfflinePushInfo", info));
    return bytes(object);
  }

  /// The task that a broadcast of this format is to its sender. Its second part is the broadcast's
  /// number; its last part never comes twice, not even when history was lost.
  static String taskId(Broadcast sent) {
    return taskId(sent, read(sent.message()));
  }

  private static String taskId(Broadcast sent, ObjectNode stored) {
    return "%d_%d_%d_%d"
        .formatted(
            stored.required("SdkAppId").longValue(),
            sent.number(),
            stored.required("MsgRandom").longValue(),
            sent.messageNumber());
  }

  /// What a device receives: a JSON object in UTF-8. It names no receiver, so that all share it.
  public static byte[] deliver(Broadcast sent) {
    ObjectNode stored = read(sent.message());
    long seconds = Math.floorDiv(sent.created(), 1_000L);
    JsonNode random = stored.required("MsgRandom");
    ObjectNode object =
        JsonNodeFactory.instance
            .objectNode()
            .put("TaskId", taskId(sent, stored))
            .put("From_Account", stored.required("From_Account").textValue());
    object.set("MsgRandom", random);
    object.put("MsgSeq", 0).put("MsgTime", seconds);
    object.put("MsgKey", "0_" + random.longValue() + "_" + seconds);
    object.set("MsgBody", stored.required("MsgBody"));
    object.set("MsgLifeTime", stored.required("MsgLifeTime"));
    if (stored.has("OfflinePushInfo")) {
      object.set("OfflinePushInfo", stored.required("OfflinePushInfo"));
    }
    return bytes(object);
  }

  private static ObjectNode read(byte[] stored) {
    try {
      return (ObjectNode) Fields.JSON.readTree(new String(stored, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stored message is damaged", e);
    }
  }

  private static byte[] bytes(ObjectNode object) {
    return object.toString().getBytes(StandardCharsets.UTF_8);
  }
}
