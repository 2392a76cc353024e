package dev.fanfare.replica;

import dev.fanfare.store.StoreException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes checkpoints of the index in the background, so that a restart has little to play: after
/// 16 MB of index deltas or five minutes, and when it is closed. One thread.
public final class Checkpointing implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Checkpointing.class);
  private static final long DELTA_BYTES = 16L << 20;
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final int AT_LATEST_AFTER_LOOKS = 300;
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  private final Replica replica;
  private final Thread thread;
  private volatile boolean closed;

  public Checkpointing(Replica replica) {
    this.replica = replica;
    this.thread = Thread.ofPlatform().daemon().name("checkpoints").start(this::run);
  }

  private void run() {
    int looks = 0;
    while (!closed) {
      try {
        Thread.sleep(LOOK_EVERY);
      } catch (InterruptedException _) {
        continue;
      }
      long bytes = replica.deltaBytes();
      if (bytes >= DELTA_BYTES || (bytes > 0 && ++looks >= AT_LATEST_AFTER_LOOKS)) {
        looks = 0;
        write();
      }
    }
    if (replica.deltaBytes() > 0) {
      write();
    }
  }

  private void write() {
    long begun = System.nanoTime();
    try {
      replica.checkpoint();
      log.debug("checkpoint in {} ms", Duration.ofNanos(System.nanoTime() - begun).toMillis());
    } catch (StoreException e) {
      log.warn("a checkpoint failed; the next one takes over: {}", e.getMessage());
    }
  }

  /// Writes a last checkpoint. What it misses, the deltas still say.
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(CLOSE_WITHIN);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
