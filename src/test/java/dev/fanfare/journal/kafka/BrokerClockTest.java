package dev.fanfare.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class BrokerClockTest {
  private static final long STAMP = 1_700_000_000_000L;

  private final BrokerClock clock = new BrokerClock();

  private static long nanos(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  @Test
  void nothing_is_known_before_a_measurement_and_after_a_change_of_the_leader() {
    assertThat(clock.at(0)).isEmpty();
    clock.measured(STAMP, nanos(1_000), nanos(1_010));
    assertThat(clock.at(nanos(2_005))).hasValue(STAMP + 1_000);
    clock.forget();
    assertThat(clock.at(nanos(2_005))).isEmpty();
  }

  @Test
  void a_round_trip_in_which_the_process_stood_still_moves_no_deadline() {
    clock.measured(STAMP, nanos(1_000), nanos(61_000));
    assertThat(clock.isKnown()).isFalse();
    clock.measured(STAMP, nanos(1_000), nanos(1_000));
    clock.measured(STAMP + 60_000, nanos(1_000), nanos(61_000));
    assertThat(clock.at(nanos(61_000))).hasValue(STAMP + 60_000);
  }

  @Test
  void a_measurement_grows_old() {
    assertThat(clock.isOlderThan(Duration.ofSeconds(10).toNanos(), 0)).isTrue();
    clock.measured(STAMP, 0, 0);
    assertThat(clock.isOlderThan(nanos(10_000), nanos(10_000))).isFalse();
    assertThat(clock.isOlderThan(nanos(10_000), nanos(10_001))).isTrue();
  }
}
