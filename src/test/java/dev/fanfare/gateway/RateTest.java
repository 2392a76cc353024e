package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RateTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /// How many frames pass, evenly spaced, before one does not.
  private static int pass(int perSecond, int most) {
    Rate rate = new Rate(20, 40, -5);
    for (int i = 0; i < most; i++) {
      if (!rate.take(-5 + i * SECOND / perSecond)) {
        return i;
      }
    }
    return most;
  }

  @Test
  void twenty_frames_a_second_pass_for_ever() {
    assertThat(pass(20, 100_000)).isEqualTo(100_000);
  }

  @Test
  void twenty_one_a_second_do_not() {
    assertThat(pass(21, 100_000)).isBetween(800, 900);
  }

  @Test
  void forty_pass_at_once_and_again_after_two_seconds() {
    Rate rate = new Rate(20, 40, 0);
    for (long now : new long[] {0, 2 * SECOND, 3_600 * SECOND}) {
      for (int i = 0; i < 40; i++) {
        assertThat(rate.take(now)).isTrue();
      }
    }
    assertThat(rate.take(3_600 * SECOND)).isFalse();
  }
}
