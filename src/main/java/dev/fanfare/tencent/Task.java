package dev.fanfare.tencent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.App;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.schema.Format;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a broadcast is to this dialect: a task, whichever dialect it was sent in.
///
/// The id of one that was sent here is `SDKAPPID_NUMBER_MSGRANDOM_COUNTER`, after `batch_` when it
/// went to a list of accounts. Its second number is the broadcast's; the last never comes twice,
/// not even when history was lost. Any other broadcast is a task by its own id.
///
/// @param dataId what the sender wants to be told with every event
public record Task(String id, Optional<String> dataId) {
  private static final Pattern ID = Pattern.compile("(?:batch_)?\\d+_(\\d{1,18})_\\d+_\\d+");

  public static Task of(Broadcast broadcast) {
    return broadcast.format() == Format.TENCENT
        ? of(broadcast, TencentMessage.read(broadcast.message()))
        : new Task(broadcast.id(), Optional.empty());
  }

  /// @param stored the message as it was read
  static Task of(Broadcast broadcast, ObjectNode stored) {
    String id =
        "%s%d_%d_%d_%d"
            .formatted(
                stored.has(TencentMessage.BATCH) ? "batch_" : "",
                stored.required("SdkAppId").longValue(),
                broadcast.number(),
                stored.required("MsgRandom").longValue(),
                broadcast.messageNumber());
    Optional<String> dataId =
        Optional.ofNullable(stored.get(TencentMessage.DATA_ID)).map(JsonNode::textValue);
    return new Task(id, dataId);
  }

  /// The broadcast that is an app's task with this id, or that has it as its own id.
  static Optional<Broadcast> find(Broadcasts broadcasts, App app, String id) {
    Matcher task = ID.matcher(id);
    Optional<Broadcast> found =
        task.matches()
            ? broadcasts.find(Long.parseLong(task.group(1)))
            : broadcasts.find(app.number(), id);
    return found.filter(broadcast ->
        broadcast.app() == app.number()
            && (broadcast.id().equals(id) || of(broadcast).id().equals(id)));
  }
}
