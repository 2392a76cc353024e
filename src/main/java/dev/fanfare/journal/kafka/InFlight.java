package dev.fanfare.journal.kafka;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What was handed to Kafka's client and is not acknowledged: bounded, so that of what waits beyond
/// that it is certain that it was not taken. Any thread.
final class InFlight {
  /// Bytes of all records.
  static final long MAX_BYTES = 8L << 20;

  /// A small record counts as this many bytes.
  private static final int LEAST_BYTES = 4 << 10;

  private static final long STALLED_NANOS = Duration.ofSeconds(1).toNanos();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition left = lock.newCondition();
  private final Queue<Long> sentNanos = new ArrayDeque<>();
  private long bytes;

  /// Blocks until there is room for a record.
  void awaitRoom(int size) {
    lock.lock();
    try {
      while (bytes + cost(size) > MAX_BYTES) {
        left.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /// A record is handed over.
  void enter(int size, long nowNanos) {
    lock.lock();
    try {
      sentNanos.add(nowNanos);
      bytes += cost(size);
    } finally {
      lock.unlock();
    }
  }

  /// A record was acknowledged or failed. Kafka keeps the order of records, so it counts as the
  /// oldest.
  void leave(int size) {
    lock.lock();
    try {
      sentNanos.poll();
      bytes -= cost(size);
      left.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Whether the oldest record has waited for so long that Kafka seems to be away.
  boolean isStalled(long nowNanos) {
    lock.lock();
    try {
      Long oldest = sentNanos.peek();
      return oldest != null && nowNanos - oldest > STALLED_NANOS;
    } finally {
      lock.unlock();
    }
  }

  private static int cost(int size) {
    return Math.max(size, LEAST_BYTES);
  }
}
