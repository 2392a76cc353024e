package dev.fanfare.why;

import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.audience.Explained;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.broadcast.Standing;
import dev.fanfare.member.History;
import dev.fanfare.member.Members;
import dev.fanfare.schema.BroadcastState;
import java.time.Clock;
import java.util.Optional;
import java.util.stream.Stream;

/// Finds out why a member got a broadcast or did not, from what is stored alone. Any thread.
///
/// A member is whoever was registered under the id when the recipients were frozen; someone who has
/// the id later is somebody else. Of several things that kept a recipient from getting it, the
/// first one is the reason.
public final class Inquiry {
  /// How long a release of lifetime 0 is handed out.
  private static final long MOMENTARY_MILLIS = 60_000;

  private final Broadcasts broadcasts;
  private final Members members;
  private final Clock wall;

  /// @param wall judges whether a lifetime has ended, as it does for delivery
  public Inquiry(Broadcasts broadcasts, Members members, Clock wall) {
    this.broadcasts = broadcasts;
    this.members = members;
    this.wall = wall;
  }

  public Why why(Broadcast broadcast, String member) {
    return switch (broadcast.state()) {
      case SCHEDULED -> new Why.Scheduled(broadcast.startAt(), explain(broadcast, member));
      case CANCELLED -> new Why.Cancelled(broadcast.stateSince());
      case RUNNING, PAUSED, COMPLETED, RECALLED, EXPIRED -> whyStarted(broadcast, member);
      case STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalStateException("a broadcast in no known state");
    };
  }

  /// Whether the member, under any registration, is or was a recipient.
  public boolean isRecipient(Broadcast broadcast, History history) {
    return broadcast.startOffset() != 0
        && broadcast.receiptsPurged() == 0
        && history
            .at(broadcast.startOffset())
            .filter(stay -> broadcasts.isRecipient(broadcast.number(), stay.ordinal()))
            .isPresent();
  }

  private Why whyStarted(Broadcast broadcast, String member) {
    if (broadcast.receiptsPurged() != 0) {
      return new Why.NoLongerKnown(broadcast.receiptsPurged());
    }
    History history = members.history(broadcast.app(), member);
    Optional<History.Stay> then = history.at(broadcast.startOffset());
    if (then.isEmpty()) {
      return whyAbsent(history, broadcast.startOffset());
    }
    Standing standing = broadcasts.standing(broadcast.number(), then.get().ordinal());
    if (!standing.known()) {
      return new Why.NoLongerKnown(0);
    }
    return standing.recipient()
        ? whyRecipient(broadcast, then.get(), standing)
        : whyUnmatched(broadcast, member, then.get());
  }

  private static Why whyAbsent(History history, long start) {
    if (history.mayMiss(start)) {
      return new Why.NoLongerKnown(0);
    }
    Optional<History.Stay> later = history.after(start);
    Optional<History.Stay> earlier = history.before(start);
    if (later.isPresent()) {
      return new Why.RegisteredLater(later.get().registered());
    }
    return earlier.isPresent()
        ? new Why.RemovedBefore(earlier.get().removed())
        : new Why.NotRegistered(history.knownSince());
  }

  private Why whyUnmatched(Broadcast broadcast, String member, History.Stay stay) {
    if (stay.removed() != 0) {
      return new Why.DidNotMatch(Optional.empty(), 0, stay.removed());
    }
    long changed = members.changedAfter(broadcast.app(), member, broadcast.startOffset());
    return new Why.DidNotMatch(explain(broadcast, member), changed, 0);
  }

  private Optional<Explained> explain(Broadcast broadcast, String member) {
    return members
        .traits(broadcast.app(), member, broadcast.attributeNames())
        .map(traits -> Explained.of(AudienceSchema.decode(broadcast.audience()), traits));
  }

  private Why whyRecipient(Broadcast broadcast, History.Stay stay, Standing standing) {
    Standing.Slice slice = standing.slice();
    if (standing.reached()) {
      Why.How how =
          standing.read()
              ? Why.How.READ
              : standing.delivered() ? Why.How.DELIVERED : Why.How.REACHED;
      return new Why.Got(how, slice.number(), slice.time(), recalled(broadcast), stay.removed());
    }
    return obstacle(broadcast, stay, slice).orElseGet(() -> waiting(broadcast, slice));
  }

  private static Why waiting(Broadcast broadcast, Standing.Slice slice) {
    if (slice.released()) {
      return new Why.NotReached(slice.number(), slice.time(), broadcast.expires());
    }
    return broadcast.state() == BroadcastState.PAUSED
        ? new Why.Paused(slice.number(), broadcast.stateSince())
        : new Why.NotReleasedYet(slice.number(), slice.time());
  }

  /// Something that ended a recipient's chance.
  private record End(long at, Why why) {}

  private Optional<Why> obstacle(Broadcast broadcast, History.Stay stay, Standing.Slice slice) {
    long released = slice.released() ? slice.time() : 0;
    End removal = new End(stay.removed(), new Why.Removed(released, stay.removed()));
    long recalled = recalled(broadcast);
    End recall = new End(recalled, new Why.Recalled(released, recalled));
    return Stream.of(removal, recall, endOfLife(broadcast, released))
        .filter(end -> end.at() != 0)
        .reduce((first, other) -> other.at() < first.at() ? other : first)
        .map(End::why);
  }

  private End endOfLife(Broadcast broadcast, long released) {
    long now = wall.millis();
    if (broadcast.lifetimeSeconds() == 0 && released != 0) {
      long until = released + MOMENTARY_MILLIS;
      return new End(now > until ? until : 0, new Why.NotOnline(released));
    }
    if (broadcast.expires() != 0 && now >= broadcast.expires()) {
      return new End(broadcast.expires(), new Why.Expired(released, broadcast.expires()));
    }
    long at = broadcast.state() == BroadcastState.EXPIRED ? broadcast.stateSince() : 0;
    return new End(at, new Why.Expired(released, at));
  }

  private static long recalled(Broadcast broadcast) {
    return broadcast.state() == BroadcastState.RECALLED ? broadcast.stateSince() : 0;
  }
}
