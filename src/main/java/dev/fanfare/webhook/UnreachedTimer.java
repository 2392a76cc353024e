package dev.fanfare.webhook;

import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.broadcast.LiveBroadcast;
import dev.fanfare.journal.Appends;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.EventKind;
import dev.fanfare.schema.FixUnreached;
import dev.fanfare.schema.WebhooksRecord;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
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

  /// Looks at the broadcasts of the apps of which some webhook wants to know.
  ///
  /// @throws dev.fanfare.journal.TryAgainException when something is not fixed now
  /// @throws dev.fanfare.journal.OutcomeUnknownException when that cannot be told in time
  void propose(Map<Integer, WebhooksRecord> all) {
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
      if (released != null
          && fixed.getOrDefault(broadcast.number(), 0) < broadcast.notices().slices()) {
        next(broadcast, released).ifPresent(proposed::add);
      }
    }
    proposed.await();
    fixed.keySet().removeIf(number -> node.timeline().broadcast(number).isEmpty());
  }

  private static boolean wanted(WebhooksRecord record) {
    return record.getWebhooksList().stream()
        .anyMatch(webhook -> webhook.getSettings().getEventsList().contains(EventKind.UNREACHED));
  }

  /// What fixes the next slice of a broadcast, if it was released by a moment.
  private Optional<Command> next(LiveBroadcast broadcast, long released) {
    long number = broadcast.number();
    int done = broadcasts.unreachedFixed(number);
    if (done >= broadcast.notices().slices()) {
      fixed.put(number, done);
    }
    OptionalInt slice = broadcasts.unreachedSlice(number, released);
    if (slice.isEmpty()) {
      return Optional.empty();
    }
    FixUnreached.Builder fix =
        FixUnreached.newBuilder().setBroadcast(number).setSlice(slice.getAsInt());
    return Optional.of(Command.newBuilder().setApp(broadcast.app()).setFixUnreached(fix).build());
  }
}
