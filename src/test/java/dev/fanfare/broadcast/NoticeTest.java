package dev.fanfare.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.roaringbitmap.RoaringBitmap;

/// Replay a failure with `-Dseed=N`.
final class NoticeTest {
  private static final int[] EDGES = {0, 1, -1, -2, Integer.MAX_VALUE, Integer.MIN_VALUE};

  private Random random = new Random();

  static LongStream seeds() {
    Long replay = Long.getLong("seed");
    return replay != null ? LongStream.of(replay) : new Random().longs(500);
  }

  private int number() {
    return switch (random.nextInt(4)) {
      case 0 -> EDGES[random.nextInt(EDGES.length)];
      case 1 -> random.nextInt(200) - 100;
      case 2 -> (random.nextInt() << 16) + random.nextInt(3) - 1;
      default -> random.nextInt();
    };
  }

  private Notice notice() {
    return random.nextBoolean()
        ? new Notice.Release(1, 1, number(), number(), number(), 0)
        : new Notice.Withdrawal(1, 1, number(), number());
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void set_keeps_exactly_the_ordinals_that_are_covered(long seed) {
    random = new Random(seed);
    RoaringBitmap recipients = new RoaringBitmap();
    for (int i = 0; i < 100; i++) {
      recipients.add(number());
    }
    Notice notice = notice();
    RoaringBitmap expected = new RoaringBitmap();
    recipients.forEach((int ordinal) -> {
      if (notice.covers(ordinal)) {
        expected.add(ordinal);
      }
    });
    notice.keepCovered(recipients);
    assertThat(recipients).isEqualTo(expected);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void touches_exactly_the_chunks_that_have_an_ordinal_that_is_covered(long seed) {
    random = new Random(seed);
    Notice notice = notice();
    int[] ends =
        switch (notice) {
          case Notice.Release(_, _, int pivot, int from, int to, _) ->
              new int[] {pivot, pivot + from, pivot + to, number()};
          case Notice.Withdrawal(_, _, int pivot, int to) ->
              new int[] {pivot, pivot + to, number()};
        };
    for (int end : ends) {
      for (int near = -1; near <= 1; near++) {
        int chunk = (end >>> 16) + near & 0xFFFF;
        boolean any = IntStream.range(0, 1 << 16).anyMatch(low -> notice.covers(chunk << 16 | low));
        assertThat(notice.touches(chunk)).as("%s, chunk %d", notice, chunk).isEqualTo(any);
      }
    }
  }
}
