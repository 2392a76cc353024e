package dev.fanfare.volcengine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.Size;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// A message in the Volcengine format: stored as the request had it, delivered as the message
/// object that devices get.
///
/// @param sender 1 to 2⁶³−1
/// @param ext in the order of the request
/// @param lifetimeSeconds MsgTTL
public record VolcengineMessage(
    long appId,
    int type,
    String content,
    long sender,
    Map<String, String> ext,
    int inboxType,
    long lifetimeSeconds) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int BROADCAST_CONVERSATION = 4;

  public VolcengineMessage {
    ext = Collections.unmodifiableMap(new LinkedHashMap<>(ext));
  }

  /// The message that a UserBroadcast request carries.
  ///
  /// @throws VolcengineException InvalidParam
  static VolcengineMessage of(long appId, Settings settings, Fields body) {
    VolcengineMessage message =
        new VolcengineMessage(
            appId,
            (int) body.integer("MsgType", 1, Integer.MAX_VALUE),
            body.text("Content").orElse(""),
            body.integer("Sender", 1, Long.MAX_VALUE),
            body.textMap("Ext").orElse(Map.of()),
            (int) body.optionalInteger("InboxType", 0, Integer.MAX_VALUE).orElse(0),
            body.integer("MsgTTL", 1, settings.most(Size.VOLCENGINE_LIFETIME)));
    int bytes = Limits.bytes(message.content());
    int mostBytes = settings.most(Size.VOLCENGINE_CONTENT);
    if (bytes < 1 || bytes > mostBytes) {
      throw Limits.refused("Content must have 1 to " + mostBytes + " bytes.");
    }
    int mostEntries = settings.most(Size.VOLCENGINE_BROADCAST_EXT);
    if (message.ext().size() > mostEntries) {
      throw Limits.refused("Ext must have at most " + mostEntries + " entries.");
    }
    return message;
  }

  /// What the journal keeps: a JSON object of the request's fields, in UTF-8.
  byte[] stored() {
    ObjectNode object =
        JsonNodeFactory.instance
            .objectNode()
            .put("AppId", appId)
            .put("MsgType", type)
            .put("Content", content)
            .put("Sender", sender);
    ext.forEach(object.putObject("Ext")::put);
    object.put("InboxType", inboxType).put("MsgTTL", lifetimeSeconds);
    return Hashes.utf8(object.toString());
  }

  /// What a device receives: a JSON object in UTF-8.
  ///
  /// @param stored the message that the broadcast was started with
  /// @param messageNumber the server's number of the message
  /// @param createdMillis journal time of acceptance, milliseconds since the epoch
  public static byte[] deliver(byte[] stored, long messageNumber, long createdMillis) {
    VolcengineMessage message = read(stored);
    ObjectNode object =
        JsonNodeFactory.instance
            .objectNode()
            .put("AppId", message.appId)
            .put("MessageId", messageNumber)
            .put("MessageIdStr", Long.toString(messageNumber))
            .put("MsgType", message.type)
            .put("Content", message.content)
            .put("Sender", message.sender)
            .put("SenderStr", Long.toString(message.sender))
            .put("CreateTime", createdMillis)
            .put("ExpireTime", createdMillis + 1_000 * message.lifetimeSeconds);
    message.ext.forEach(object.putObject("Ext")::put);
    object
        .put("Status", 0)
        .put("ConversationShortId", 0)
        .put("ConversationType", BROADCAST_CONVERSATION)
        .put("InboxType", message.inboxType);
    return Hashes.utf8(object.toString());
  }

  private static VolcengineMessage read(byte[] stored) {
    try {
      JsonNode object = JSON.readTree(stored);
      Map<String, String> ext = new LinkedHashMap<>();
      object
          .required("Ext")
          .properties()
          .forEach(e -> ext.put(e.getKey(), e.getValue().textValue()));
      return new VolcengineMessage(
          object.required("AppId").longValue(),
          object.required("MsgType").intValue(),
          object.required("Content").textValue(),
          object.required("Sender").longValue(),
          ext,
          object.required("InboxType").intValue(),
          object.required("MsgTTL").longValue());
    } catch (IOException e) {
      throw new IllegalStateException("a stored message is damaged", e);
    }
  }
}
