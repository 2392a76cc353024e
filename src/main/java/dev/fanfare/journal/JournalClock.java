package dev.fanfare.journal;

import java.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Journal time of an embedded journal: the wall clock, but never backwards and never frozen.
///
/// While the wall clock is behind the last entry (someone set it back), time advances by elapsed
/// monotonic time instead. A forward step of the wall clock over 60 s is taken and logged. The
/// applier's thread moves it; any thread may look.
public final class JournalClock {
  private static final Logger log = LoggerFactory.getLogger(JournalClock.class);
  private static final long STEP_MILLIS = 60_000;

  private final Clock wall;
  private final LongSupplier nanoTime;
  private long last;
  private long lastWall;
  private long lastNanos;

  /// Goes on from the journal time of the last entry.
  public JournalClock(Clock wall, LongSupplier nanoTime, long last) {
    this.wall = wall;
    this.nanoTime = nanoTime;
    this.last = last;
    this.lastWall = wall.millis();
    this.lastNanos = nanoTime.getAsLong();
  }

  /// Journal time of the next entry, milliseconds since the epoch.
  public synchronized long next() {
    long now = wall.millis();
    long nanos = nanoTime.getAsLong();
    long elapsed = TimeUnit.NANOSECONDS.toMillis(nanos - lastNanos);
    if (now - lastWall - elapsed > STEP_MILLIS) {
      log.warn("the wall clock stepped forward by {} ms", now - lastWall - elapsed);
    }
    last = now >= last ? now : last + elapsed;
    lastWall = now;
    lastNanos += TimeUnit.MILLISECONDS.toNanos(elapsed);
    return last;
  }

  /// What [#next] would say now.
  public synchronized long now() {
    long now = wall.millis();
    return now >= last
        ? now
        : last + TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - lastNanos);
  }
}
