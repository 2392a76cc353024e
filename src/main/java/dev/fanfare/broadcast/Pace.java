package dev.fanfare.broadcast;

/// How fast recipients are released.
///
/// Slices follow each other by a tick of at least a second, longer when there would be more than
/// 10,000 slices. A late slice is never made up by a burst: the next is due a tick after it.
record Pace(int perSecond, long tickMillis) {
  private static final long MIN_TICK_MILLIS = 1_000;
  private static final long MAX_SLICES = 10_000;

  /// The pace at which this many recipients are to be released.
  ///
  /// @param perSecond 0 for all at once
  static Pace of(int perSecond, int recipients) {
    long tick = perSecond == 0 ? 0 : recipients * 1_000L / perSecond / MAX_SLICES;
    return new Pace(perSecond, Math.max(MIN_TICK_MILLIS, tick));
  }

  /// How many of those who remain the next slice takes.
  int slice(int remaining) {
    if (perSecond == 0) {
      return remaining;
    }
    long slice = Math.ceilDiv(perSecond * tickMillis, 1_000L);
    return (int) Math.min(remaining, slice);
  }
}
