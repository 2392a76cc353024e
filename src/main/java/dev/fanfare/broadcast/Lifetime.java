package dev.fanfare.broadcast;

import dev.fanfare.schema.BroadcastProgressOrBuilder;

/// When the life of a broadcast ends, and until when it can be recalled. In journal time,
/// milliseconds since the epoch; means nothing before the broadcast started.
final class Lifetime {
  /// How long after its start any broadcast can be recalled.
  static final long RECALL_MILLIS = 24 * 3_600_000L;

  /// How long a release of lifetime 0 stays due to who was connected then.
  static final long MOMENTARY_MILLIS = 60_000;

  private Lifetime() {}

  /// Whether a broadcast that was started can no longer be delivered to anyone new.
  static boolean isOver(BroadcastProgressOrBuilder progress, long now) {
    return progress.getStarted() > 0 && now >= end(progress);
  }

  /// When it stops being delivered to anyone new.
  static long end(BroadcastProgressOrBuilder progress) {
    if (progress.getExpires() != 0) {
      return progress.getExpires();
    }
    long latest = progress.getStarted() + RECALL_MILLIS;
    boolean allReleased = progress.getReleased() == progress.getRecipients();
    long released = Math.max(progress.getStarted(), progress.getLastReleaseTime());
    return allReleased ? Math.min(latest, released + MOMENTARY_MILLIS) : latest;
  }

  /// Until when a recall is accepted and its notice kept.
  static long lastRecall(BroadcastProgressOrBuilder progress) {
    return Math.max(progress.getExpires(), progress.getStarted() + RECALL_MILLIS);
  }
}
