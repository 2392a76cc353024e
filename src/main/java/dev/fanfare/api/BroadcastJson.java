package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceJson;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.audience.AudienceText;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.schema.Format;
import java.time.Instant;
import java.util.Locale;

/// Broadcasts of every dialect as the native API shows them.
final class BroadcastJson {
  private BroadcastJson() {}

  static ObjectNode write(Broadcast broadcast, Replica replica) {
    Audience audience = AudienceSchema.decode(broadcast.audience());
    ObjectNode json =
        Json.object()
            .put("id", broadcast.id())
            .put("state", text(broadcast.state()))
            .put("format", text(broadcast.format()))
            .put("from", broadcast.sender());
    json.set("audience", AudienceJson.write(audience));
    json.put("audienceText", AudienceText.print(audience));
    json.set("message", Json.stored(broadcast.message()));
    time(json, "startAt", broadcast.startAt() != 0 ? broadcast.startAt() : broadcast.started());
    time(json, "sentAt", broadcast.started());
    time(json, "expiresAt", broadcast.expires());
    json.put("ttlSeconds", broadcast.lifetimeSeconds());
    if (broadcast.pace() != 0) {
      json.put("pacePerSecond", broadcast.pace());
    }
    json.put("recipients", broadcast.counters().recipients());
    progress(json, broadcast.counters());
    json.put("position", replica.position(broadcast.number()).toString());
    time(json, "createdAt", broadcast.created());
    time(json, "receiptsPurgedAt", broadcast.receiptsPurged());
    return json;
  }

  static String text(BroadcastState state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  static String text(Format format) {
    return format.name().toLowerCase(Locale.ROOT);
  }

  /// The counters that grow.
  static void progress(ObjectNode json, Broadcast.Counters counters) {
    json.put("released", counters.released())
        .put("reached", counters.reached())
        .put("delivered", counters.delivered())
        .put("read", counters.read());
  }

  /// Writes a time unless there is none.
  static void time(ObjectNode json, String name, long millis) {
    if (millis != 0) {
      json.put(name, Instant.ofEpochMilli(millis).toString());
    }
  }
}
