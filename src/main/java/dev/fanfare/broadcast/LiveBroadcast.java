package dev.fanfare.broadcast;

import dev.fanfare.schema.BroadcastState;

/// What the timeline holds of a broadcast that can still be delivered or recalled, as of one
/// commit. The message and the recipients stay in the store.
///
/// @param expires journal time in milliseconds, 0 while it has no expiry instant
/// @param nextDue journal time before which the next slice is not released, 0 when none is to come
/// @param withdrawn journal time at which it was recalled, 0 when it was not
/// @param lastRecall journal time after which it leaves the timeline
/// @param live whether it counts as live
public record LiveBroadcast(
    long number,
    int app,
    String id,
    Notices notices,
    long lifetimeSeconds,
    BroadcastState state,
    long startAt,
    long expires,
    long nextDue,
    long withdrawn,
    long lastRecall,
    boolean live,
    long endOfLife) {

  /// Whether it only concerns who is connected when it is released.
  public boolean momentary() {
    return lifetimeSeconds == 0;
  }
}
