package dev.fanfare.tencent;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// Counts the bad UserSigs of each address in the minute that began with the first of them.
///
/// Any number of threads may use it. At most [#MAX_ADDRESSES] are kept, the least active are
/// forgotten first.
final class BadSignatures {
  static final int MAX_ADDRESSES = 10_000;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final int most;
  private final Cache<String, AtomicInteger> counts;

  /// @param most in a minute; 0 for no limit
  /// @param nanoTime monotonic nanoseconds
  BadSignatures(int most, LongSupplier nanoTime) {
    this.most = most;
    this.counts =
        Caffeine.newBuilder()
            .maximumSize(MAX_ADDRESSES)
            .expireAfterWrite(MINUTE)
            .ticker(nanoTime::getAsLong)
            .executor(Runnable::run)
            .build();
  }

  boolean tooMany(String address) {
    AtomicInteger count = most == 0 ? null : counts.getIfPresent(address);
    return count != null && count.get() >= most;
  }

  void count(String address) {
    if (most != 0) {
      counts.get(address, _ -> new AtomicInteger()).incrementAndGet();
    }
  }
}
