package dev.fanfare.why;

import dev.fanfare.audience.Explained;
import java.util.Optional;

/// The one reason why a member got a broadcast or did not, with the facts that prove it. Times are
/// journal time in milliseconds since the epoch, 0 for none.
public sealed interface Why {

  /// The id was not registered when the broadcast began, nor has it been since.
  ///
  /// @param knownSince it was never before either, unless that ended at this time or earlier; 0
  ///   when everything before is known
  record NotRegistered(long knownSince) implements Why {}

  /// The id was registered only after the broadcast had begun.
  record RegisteredLater(long registered) implements Why {}

  /// The id was removed before the broadcast began, and has not come back.
  record RemovedBefore(long removed) implements Why {}

  /// The member was registered and the audience did not select it.
  ///
  /// @param tree as it was when `changed` is 0, else as it is now; empty when the member has left
  /// @param changed when the member last changed, if that was after the broadcast had begun
  /// @param removed when the member left
  record DidNotMatch(Optional<Explained> tree, long changed, long removed) implements Why {}

  /// The broadcast has not begun, so its recipients are not fixed.
  ///
  /// @param now whether the member would match; empty when it is not registered
  record Scheduled(long startAt, Optional<Explained> now) implements Why {}

  /// The broadcast was cancelled before it began.
  record Cancelled(long at) implements Why {}

  /// The member is a recipient whose slice comes later.
  ///
  /// @param due the earliest at which it can come
  record NotReleasedYet(int slice, long due) implements Why {}

  /// The member is a recipient whose slice waits for the broadcast to be resumed.
  record Paused(int slice, long since) implements Why {}

  /// The broadcast was released to the member and waits for one of its devices.
  ///
  /// @param expires 0 while there is no such instant
  record NotReached(int slice, long released, long expires) implements Why {}

  /// The lifetime ended first.
  ///
  /// @param released 0 when the member's slice was never released
  record Expired(long released, long at) implements Why {}

  /// The broadcast was for who was connected, and no device of the member was.
  record NotOnline(long released) implements Why {}

  /// The broadcast was recalled first.
  ///
  /// @param released 0 when the member's slice was never released
  record Recalled(long released, long at) implements Why {}

  /// The member was removed first.
  ///
  /// @param released 0 when the member's slice was not released
  record Removed(long released, long at) implements Why {}

  /// The member got it.
  ///
  /// @param how how far that is known
  /// @param recalled when it was recalled
  /// @param removed when the member left, if that was after it got it
  record Got(How how, int slice, long released, long recalled, long removed) implements Why {}

  /// How far a member that got a broadcast came with it.
  enum How {
    /// It was handed to a connection of one of its devices.
    REACHED,
    /// One of its devices acknowledged it.
    DELIVERED,
    /// A person opened it.
    READ
  }

  /// What would prove the answer is no longer kept.
  ///
  /// @param purged when the recipients and receipts of the broadcast were removed; 0 when it is the
  ///   registration that is not known
  record NoLongerKnown(long purged) implements Why {}

  /// The stable name of the reason, for programs.
  default String answer() {
    return switch (this) {
      case NotRegistered _ -> "not_registered";
      case RegisteredLater _ -> "registered_later";
      case RemovedBefore _ -> "removed_before";
      case DidNotMatch _ -> "did_not_match";
      case Scheduled _ -> "scheduled";
      case Cancelled _ -> "cancelled";
      case NotReleasedYet _ -> "not_released_yet";
      case Paused _ -> "paused";
      case NotReached _ -> "released_not_reached";
      case Expired _ -> "expired";
      case NotOnline _ -> "not_online";
      case Recalled _ -> "recalled";
      case Removed _ -> "removed";
      case Got got ->
          switch (got.how()) {
            case REACHED -> "reached";
            case DELIVERED -> "delivered";
            case READ -> "read";
          };
      case NoLongerKnown _ -> "no_longer_known";
    };
  }
}
