package dev.fanfare.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class RateLimitsTest {
  private static final RateLimits.Subject READS = new RateLimits.Subject("a", "read");

  private final AtomicLong nanos = new AtomicLong();
  private final RateLimits rates = new RateLimits(nanos::get);

  @Test
  void a_second_of_calls_may_come_at_once_and_then_they_come_back_evenly() {
    assertThat(take(READS, 50, 60)).isEqualTo(50);
    pass(Duration.ofMillis(19));
    assertThat(take(READS, 50, 1)).isZero();
    pass(Duration.ofMillis(1));
    assertThat(take(READS, 50, 2)).isEqualTo(1);
    pass(Duration.ofMillis(500));
    assertThat(take(READS, 50, 60)).isEqualTo(25);
    pass(Duration.ofSeconds(30));
    assertThat(take(READS, 50, 60)).as("never more than a second's worth").isEqualTo(50);
  }

  @Test
  void callers_and_actions_are_counted_apart() {
    assertThat(take(READS, 1, 2)).isEqualTo(1);
    assertThat(take(new RateLimits.Subject("b", "read"), 1, 2)).isEqualTo(1);
    assertThat(take(new RateLimits.Subject("a", "write"), 1, 2)).isEqualTo(1);
  }

  @Test
  void zero_is_no_limit_and_a_changed_rate_starts_full() {
    assertThat(take(READS, 0, 10_000)).isEqualTo(10_000);
    assertThat(rates.size()).isZero();
    assertThat(take(READS, 2, 5)).isEqualTo(2);
    assertThat(take(READS, 3, 5)).isEqualTo(3);
  }

  @Test
  void buckets_are_bounded_and_forgotten_when_idle() {
    for (int i = 0; i < RateLimits.MAX_BUCKETS + 1_000; i++) {
      take(new RateLimits.Subject("caller " + i, "read"), 5, 1);
    }
    assertThat(rates.size()).isLessThanOrEqualTo(RateLimits.MAX_BUCKETS);
    pass(Duration.ofMinutes(2));
    for (int i = 0; i < 100 && rates.size() > 0; i++) {
      pass(Duration.ofMillis(1));
    }
    assertThat(rates.size()).as("each look forgets some").isZero();
  }

  private int take(RateLimits.Subject subject, int perSecond, int calls) {
    int taken = 0;
    for (int i = 0; i < calls; i++) {
      taken += rates.take(subject, perSecond) ? 1 : 0;
    }
    return taken;
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }
}
