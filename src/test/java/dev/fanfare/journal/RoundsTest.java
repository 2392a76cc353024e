package dev.fanfare.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class RoundsTest {
  private static final Duration REST = Duration.ofMillis(1);

  @Test
  void whatever_a_round_throws_the_next_one_comes() throws Exception {
    AtomicInteger rounds = new AtomicInteger();
    CountDownLatch several = new CountDownLatch(8);
    try (Rounds _ =
        new Rounds(
            "planted",
            REST,
            () -> {
              several.countDown();
              switch (rounds.getAndIncrement() % 4) {
                case 0 -> throw new TryAgainException("planted");
                case 1 -> throw new OutcomeUnknownException("planted");
                case 2 -> throw new IllegalStateException("planted");
                default -> throw new AssertionError("planted");
              }
            })) {
      assertThat(several.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void closing_interrupts_a_round_and_is_the_end() throws Exception {
    AtomicInteger rounds = new AtomicInteger();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Rounds endless =
        new Rounds(
            "planted",
            REST,
            () -> {
              rounds.incrementAndGet();
              begun.countDown();
              try {
                Thread.sleep(Duration.ofMinutes(1));
              } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
              }
            });
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    endless.close();
    assertThat(interrupted.getCount()).isZero();
    assertThat(rounds).hasValue(1);
  }
}
