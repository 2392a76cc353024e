package dev.fanfare.gateway;

/// A token bucket: 20 frames a second, 40 at once. Owned by its session's thread.
final class FrameRate {
  private static final double PER_NANO = 20e-9;
  private static final double BURST = 40;

  private double tokens = BURST;
  private long filledAt;

  FrameRate(long nanos) {
    filledAt = nanos;
  }

  /// Takes a token; false when there is none.
  boolean take(long nanos) {
    tokens = Math.min(BURST, tokens + (nanos - filledAt) * PER_NANO) - 1;
    filledAt = nanos;
    return tokens >= 0;
  }
}
