package dev.fanfare.client;

import java.util.Random;

/// How long to wait between connections. Owned by the device's thread.
final class BackOff {
  private static final long LEAST_MILLIS = 500;
  private static final long MOST_MILLIS = 15_000;
  private static final int MOST_DOUBLINGS = 5;
  private static final int RESTARTING = 1012;

  /// A restarting server wants its devices back spread over this time.
  private static final int RESTART_MILLIS = 5_000;

  private final Random random;
  private int failures;

  BackOff(Random random) {
    this.random = random;
  }

  /// Milliseconds to wait after an end that does not last.
  long after(End end) {
    if (end.code() == RESTARTING) {
      return random.nextInt(RESTART_MILLIS);
    }
    long most = Math.min(LEAST_MILLIS << Math.min(failures, MOST_DOUBLINGS), MOST_MILLIS);
    failures++;
    return Math.max(most / 2 + random.nextInt((int) (most / 2)), end.retryAfterMillis());
  }

  /// Something was processed: the next failure is the first.
  void startAnew() {
    failures = 0;
  }
}
