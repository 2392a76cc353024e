package dev.fanfare.gateway;

/// So many a second, evenly, and some more at once after a pause. What is refused costs nothing.
/// Not thread-safe.
///
/// It holds a single time: when what was taken would have come if it had come evenly. That may lie
/// ahead by the burst, no more (the generic cell rate algorithm of ATM Forum TM 4.0).
final class Rate {
  private static final long SECOND = 1_000_000_000;

  private final long interval;
  private final long tolerance;
  private long due;

  /// @param nanos monotonic, now
  Rate(int perSecond, int burst, long nanos) {
    this.interval = SECOND / perSecond;
    this.tolerance = (burst - 1) * interval;
    this.due = nanos;
  }

  /// Takes one; false when it comes too early.
  boolean take(long nanos) {
    if (due - nanos > tolerance) {
      return false;
    }
    due = (due - nanos > 0 ? due : nanos) + interval;
    return true;
  }
}
