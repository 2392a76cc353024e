package dev.fanfare.webhook;

import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.broadcast.LiveBroadcast;
import dev.fanfare.broadcast.Notices;
import dev.fanfare.journal.Appends;
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

  /// By broadcast, of how many slices the unreached were fixed when that was read last.
  private final Map<Long, Integer> fixed = new HashMap<>();

  UnreachedTimer(Deliveries.Node node, Broadcasts broadcasts) {
    this.node = node;
    this.broadcasts = broadcasts;
  }

  /// Looks at the broadcasts of the apps of which some webhook wants to know. What the journal does
  /// not take now ends the round; the next one goes on.
  ///
  /// @throws dev.fanfare.journal.TryAgainException when something is not fixed now
  /// @throws dev.fanfare.journal.OutcomeUnknownException when that cannot be told in time
  void propose(Map<Integer, WebhooksRecord> all) {
    fixed.keySet().removeIf(number -> node.timeline().broadcast(number).isEmpty());
    Map<Integer, Long> releasedBy = new HashMap<>();
    all.forEach((number, record) -> {
      if (wanted(record)) {
        node.tenants()
            .get()
            .byNumber(number)
            .ifPresent(app ->
                releasedBy.put(
                    number, node.journal().time() - app.limits().getUnreachedSeconds() * 1_000L));
      }
    });
    Appends proposed = new Appends(node.journal());
    for (LiveBroadcast broadcast : node.timeline().broadcasts()) {
      Long released = releasedBy.get(broadcast.app());
      if (released != null) {
        slice(broadcast, released).ifPresent(slice -> proposed.add(command(broadcast, slice)));
      }
    }
    proposed.await();
  }

  private static boolean wanted(WebhooksRecord record) {
    return record.getWebhooksList().stream()
        .anyMatch(webhook -> webhook.getSettings().getEventsList().contains(EventKind.UNREACHED));
  }

  /// The slice of a broadcast that is fixed next, if it was released by a moment. The store is read
  /// only when one may be: very many broadcasts wait or are done.
  private OptionalInt slice(LiveBroadcast broadcast, long released) {
    Notices notices = broadcast.notices();
    if (!isDue(notices, fixed.getOrDefault(broadcast.number(), 0), released)) {
      return OptionalInt.empty();
    }
    int next = broadcasts.unreachedFixed(broadcast.number());
    fixed.put(broadcast.number(), next);
    return isDue(notices, next, released) ? OptionalInt.of(next) : OptionalInt.empty();
  }

  private static boolean isDue(Notices notices, int slice, long released) {
    return slice < notices.slices() && notices.releasedAt(slice) <= released;
  }

  private static Command command(LiveBroadcast broadcast, int slice) {
    FixUnreached.Builder fix =
        FixUnreached.newBuilder().setBroadcast(broadcast.number()).setSlice(slice);
    return Command.newBuilder().setApp(broadcast.app()).setFixUnreached(fix).build();
  }
}
