package dev.fanfare.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BackOffTest {
  private final BackOff backOff = new BackOff(new Random(1));

  @Test
  void it_doubles_with_jitter_up_to_fifteen_seconds_and_starts_anew() {
    long[] most = {500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000};
    for (long bound : most) {
      assertThat(backOff.after(End.closed(1013, ""))).isBetween(bound / 2, bound);
    }
    backOff.startAnew();
    assertThat(backOff.after(End.closed(4008, ""))).isBetween(250L, 500L);
  }

  @Test
  void a_restarting_server_gets_its_devices_spread_over_five_seconds() {
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int i = 0; i < 1_000; i++) {
      long delay = backOff.after(End.closed(1012, ""));
      least = Math.min(least, delay);
      most = Math.max(most, delay);
    }
    assertThat(least).isBetween(0L, 500L);
    assertThat(most).isBetween(4_500L, 5_000L);
  }
}
