package dev.fanfare.journal.kafka;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/// The broker's clock as this node knows it: how far it is from the node's monotonic clock,
/// measured by every append that the broker acknowledged with its stamp.
///
/// The stamp is taken somewhere between sending and acknowledgement, so the middle of them is wrong
/// by half the round trip at most; a long one, such as that of a process that stood still
/// meanwhile, says too little and is left out. A new leader has another clock, and what was known
/// is forgotten. Any thread.
final class BrokerClock {
  private static final long LONGEST_ROUND_TRIP_NANOS = Duration.ofSeconds(1).toNanos();

  private boolean known;
  private long offsetMillis;
  private long measuredNanos;

  /// Notes that the broker stamped an entry between two readings of the node's clock.
  synchronized void measured(long stamp, long sentNanos, long acknowledgedNanos) {
    if (acknowledgedNanos - sentNanos > LONGEST_ROUND_TRIP_NANOS) {
      return;
    }
    offsetMillis = stamp - millis(sentNanos + (acknowledgedNanos - sentNanos) / 2);
    measuredNanos = acknowledgedNanos;
    known = true;
  }

  synchronized void forget() {
    known = false;
  }

  synchronized boolean isKnown() {
    return known;
  }

  /// Broker time at a reading of the node's clock, in milliseconds since the epoch.
  synchronized OptionalLong at(long nanos) {
    return known ? OptionalLong.of(millis(nanos) + offsetMillis) : OptionalLong.empty();
  }

  /// Whether nothing was measured for so long.
  synchronized boolean isOlderThan(long nanos, long now) {
    return !known || now - measuredNanos > nanos;
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }
}
