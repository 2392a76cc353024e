package dev.fanfare.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.BroadcastProgress;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.Table;
import dev.fanfare.webhook.Events;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ProgressesTest {
  private static final long NUMBER = 7;

  private final MemoryStore store = new MemoryStore();

  ProgressesTest() {
    Batch batch = new Batch(store);
    new Progresses(batch, new Events(batch))
        .create(
            new Stamp(NUMBER, 1_000),
            NUMBER,
            BroadcastProgress.newBuilder().setState(BroadcastState.RUNNING).setRecipients(9));
    batch.put(
        Table.BROADCAST,
        Key.bytes(NUMBER),
        BroadcastRecord.newBuilder().setNumber(NUMBER).build().toByteArray());
    store.write(batch);
  }

  private void reached(long time, int reached) {
    Batch batch = new Batch(store);
    Progresses progresses = new Progresses(batch, new Events(batch));
    progresses.write(
        new Stamp(NUMBER + time, time),
        NUMBER,
        progresses.read(NUMBER).toBuilder().setReached(reached));
    store.write(batch);
  }

  private List<Broadcasts.Point> growth() {
    return new Broadcasts(store).growth(NUMBER);
  }

  private List<Integer> values() {
    return growth().stream().map(point -> point.counters().reached()).toList();
  }

  @Test
  void what_does_not_change_a_counter_is_no_point() {
    reached(2_000, 0);
    assertThat(growth()).isEmpty();
  }

  @Test
  void points_are_a_second_apart_and_the_last_says_what_is_now() {
    reached(2_000, 1);
    reached(2_000, 2);
    reached(2_500, 3);
    reached(2_999, 4);
    assertThat(values()).containsExactly(2, 4);
    reached(3_000, 5);
    assertThat(values()).containsExactly(2, 5);
    reached(9_000, 6);
    assertThat(values()).containsExactly(2, 5, 6);
    assertThat(growth()).extracting(Broadcasts.Point::time).containsExactly(2_000L, 3_000L, 9_000L);
  }

  @Test
  void a_long_life_is_thinned_evenly_and_keeps_beginning_and_end() {
    int seconds = 10_000;
    for (int second = 1; second <= seconds; second++) {
      reached(1_000L * second, second);
    }
    List<Broadcasts.Point> points = growth();
    assertThat(points).hasSizeBetween(Progresses.MOST_POINTS / 2, Progresses.MOST_POINTS + 1);
    assertThat(store.table(Table.POINT)).hasSizeLessThanOrEqualTo(Progresses.MOST_POINTS);
    assertThat(points.getFirst().counters().reached()).isEqualTo(1);
    assertThat(points.getLast().counters().reached()).isEqualTo(seconds);
    for (int i = 1; i < points.size() - 1; i++) {
      assertThat(points.get(i).time() - points.get(i - 1).time()).isEqualTo(32_000);
      assertThat(points.get(i).time()).isEqualTo(1_000L * points.get(i).counters().reached());
    }
  }
}
