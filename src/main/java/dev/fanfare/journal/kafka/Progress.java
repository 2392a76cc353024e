package dev.fanfare.journal.kafka;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// How far into the topic a node's committed state has come, and waiting for it to come further.
/// The applier's thread moves it on; any thread may wait.
final class Progress {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition advanced = lock.newCondition();
  private volatile Chain.Link committed;
  private volatile long stamp;
  private volatile boolean ended;

  Progress(Chain.Link committed) {
    this.committed = committed;
  }

  /// The last entry that is committed.
  Chain.Link committed() {
    return committed;
  }

  /// The broker's stamp of the last entry that this run has committed; 0 before the first.
  long stamp() {
    return stamp;
  }

  void advance(Chain.Link link, long withStamp) {
    committed = link;
    stamp = withStamp;
    signal();
  }

  /// It comes no further, and nobody waits.
  void end() {
    ended = true;
    signal();
  }

  private void signal() {
    lock.lock();
    try {
      advanced.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Blocks until every entry below an offset of the topic is applied. Returns false when that did
  /// not happen in time.
  boolean awaitBelow(long end, Duration patience) {
    return await(() -> committed.offset() + 1 >= end, patience);
  }

  /// Blocks until an entry with this stamp or a later one is applied. Returns false when that did
  /// not happen in time.
  boolean awaitStamp(long atLeast, Duration patience) {
    return await(() -> stamp >= atLeast, patience);
  }

  private boolean await(BooleanSupplier reached, Duration patience) {
    long nanos = patience.toNanos();
    lock.lock();
    try {
      while (!reached.getAsBoolean() && nanos > 0 && !ended) {
        nanos = advanced.awaitNanos(nanos);
      }
      return reached.getAsBoolean();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}
