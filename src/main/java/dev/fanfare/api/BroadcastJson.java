package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceJson;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.audience.AudienceText;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.journal.Position;
import java.time.Instant;
import java.util.Locale;

/// Broadcasts of every dialect as the native API shows them.
final class BroadcastJson {
  private BroadcastJson() {}

  /// @param epoch the epoch that the journal is in
  static ObjectNode write(Broadcast broadcast, String epoch) {
    Audience audience = AudienceSchema.decode(broadcast.audience());
    ObjectNode json =
        Json.object()
            .put("id", broadcast.id())
            .put("state", broadcast.state().name().toLowerCase(Locale.ROOT))
            .put("format", broadcast.format().name().toLowerCase(Locale.ROOT))
            .put("from", broadcast.sender());
    json.set("audience", AudienceJson.write(audience));
    json.put("audienceText", AudienceText.print(audience));
    json.set("message", Json.stored(broadcast.message()));
    time(json, "startAt", broadcast.startAt() != 0 ? broadcast.startAt() : broadcast.started());
    time(json, "expiresAt", broadcast.expires());
    json.put("ttlSeconds", broadcast.lifetimeSeconds());
    if (broadcast.pace() != 0) {
      json.put("pacePerSecond", broadcast.pace());
    }
    Broadcast.Counters counters = broadcast.counters();
    json.put("recipients", counters.recipients())
        .put("released", counters.released())
        .put("reached", counters.reached())
        .put("delivered", counters.delivered())
        .put("read", counters.read())
        .put("position", new Position(epoch, broadcast.number()).toString());
    time(json, "createdAt", broadcast.created());
    return json;
  }

  private static void time(ObjectNode json, String name, long millis) {
    if (millis != 0) {
      json.put(name, Instant.ofEpochMilli(millis).toString());
    }
  }
}
