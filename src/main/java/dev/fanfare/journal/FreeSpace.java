package dev.fanfare.journal;

import dev.fanfare.store.Store;
import dev.fanfare.store.StoreException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether the disk has enough space for writes, looked at once a second.
///
/// One thread calls [#left]; any thread may look anew by [#now].
public final class FreeSpace {
  private static final Logger log = LoggerFactory.getLogger(FreeSpace.class);

  private static final Duration CHECK = Duration.ofSeconds(1);

  private final Store store;
  private final LongSupplier nanoTime;
  private long checkedAt;
  private boolean left = true;

  public FreeSpace(Store store, LongSupplier nanoTime) {
    this.store = store;
    this.nanoTime = nanoTime;
    this.checkedAt = nanoTime.getAsLong() - CHECK.toNanos();
  }

  /// What [#now] said within the last second.
  public boolean left() {
    long now = nanoTime.getAsLong();
    if (now - checkedAt >= TimeUnit.NANOSECONDS.convert(CHECK)) {
      checkedAt = now;
      boolean was = left;
      left = now();
      if (was != left) {
        log.warn(left ? "there is space again" : "the disk is nearly full; refusing writes");
      }
    }
    return left;
  }

  /// Whether there is enough space at this moment; false also while the disk does not say.
  public boolean now() {
    try {
      return store.freeBytes() >= store.minFreeBytes();
    } catch (StoreException e) {
      log.warn("the free space is not known: {}", e.getMessage());
      return false;
    }
  }
}
