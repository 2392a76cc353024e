package dev.fanfare.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.function.LongSupplier;

/// Per-second rates of callers: a token bucket for each that holds one second's worth, so that a
/// caller may spend a second's calls at once and then gets them back evenly.
///
/// Any number of threads may use it. A bucket that was not asked for a minute is full again and
/// forgotten; when more than [#MAX_BUCKETS] are in use, the least used start anew. Counted by this
/// node alone.
public final class RateLimits {
  static final int MAX_BUCKETS = 10_000;
  private static final Duration IDLE = Duration.ofMinutes(1);

  private final TimeMeter time;
  private final Cache<Key, Bucket> buckets;

  private record Key(Subject subject, int perSecond) {}

  /// Whose calls of what are counted together.
  public record Subject(String caller, String action) {}

  /// @param nanoTime monotonic, in nanoseconds
  public RateLimits(LongSupplier nanoTime) {
    this.time = new Nanos(nanoTime);
    this.buckets =
        Caffeine.newBuilder()
            .maximumSize(MAX_BUCKETS)
            .expireAfterAccess(IDLE)
            .ticker(nanoTime::getAsLong)
            .executor(Runnable::run)
            .build();
  }

  /// Counts a call, or says that it is one too many; such a call costs nothing.
  ///
  /// @param perSecond 0 for no limit; a changed rate starts with a full bucket
  public boolean take(Subject subject, int perSecond) {
    return perSecond == 0
        || buckets.get(new Key(subject, perSecond), _ -> bucket(perSecond)).tryConsume(1);
  }

  /// How many buckets are kept.
  long size() {
    buckets.cleanUp();
    return buckets.estimatedSize();
  }

  private Bucket bucket(int perSecond) {
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(perSecond).refillGreedy(perSecond, Duration.ofSeconds(1)))
        .withCustomTimePrecision(time)
        .build();
  }

  private record Nanos(LongSupplier source) implements TimeMeter {
    @Override
    public long currentTimeNanos() {
      return source.getAsLong();
    }

    @Override
    public boolean isWallClockBased() {
      return false;
    }
  }
}
