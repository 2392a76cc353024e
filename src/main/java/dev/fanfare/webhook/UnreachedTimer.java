package dev.fanfare.webhook;

import dev.fanfare.app.App;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.broadcast.LiveBroadcast;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.EventKind;
import dev.fanfare.schema.FixUnreached;
import dev.fanfare.schema.WebhooksRecord;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/// Proposes what fixes who of a slice was not reached, once its time has come. Apply decides, so an
/// early or repeated proposal does nothing. Owned by one thread.
final class UnreachedTimer {
  private final Deliveries.Node node;
  private final Broadcasts broadcasts;

  /// How many slices of a broadcast are fixed, for those that have no other one yet: there can be
  /// very many of them, and they need not be read again.
  private final Map<Long, Integer> fixed = new HashMap<>();

  UnreachedTimer(Deliveries.Node node, Broadcasts broadcasts) {
    this.node = node;
    this.broadcasts = broadcasts;
  }

  /// Looks at the broadcasts of an app, if some webhook of it wants to know.
  void propose(App app, WebhooksRecord record) {
    boolean wanted =
        record.getWebhooksList().stream()
            .anyMatch(
                webhook -> webhook.getSettings().getEventsList().contains(EventKind.UNREACHED));
    if (wanted) {
      long released = node.journal().time() - app.limits().getUnreachedSeconds() * 1_000L;
      for (LiveBroadcast broadcast : node.timeline().broadcasts()) {
        if (broadcast.app() == app.number()
            && fixed.getOrDefault(broadcast.number(), 0) < broadcast.nextSlice()) {
          propose(broadcast, released);
        }
      }
    }
  }

  private void propose(LiveBroadcast broadcast, long released) {
    long number = broadcast.number();
    OptionalInt slice = broadcasts.unreachedSlice(number, released);
    if (slice.isPresent()) {
      FixUnreached.Builder fix =
          FixUnreached.newBuilder().setBroadcast(number).setSlice(slice.getAsInt());
      node.journal()
          .propose(Command.newBuilder().setApp(broadcast.app()).setFixUnreached(fix).build());
    }
    int done = broadcasts.unreachedFixed(number);
    if (done >= broadcast.nextSlice()) {
      fixed.put(number, done);
    }
  }

  /// Forgets the broadcasts that have left the timeline.
  void forget() {
    fixed.keySet().removeIf(number -> node.timeline().broadcast(number).isEmpty());
  }
}
