package dev.fanfare.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.app.AppCommands;
import dev.fanfare.schema.AppCounters;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.store.Batch;
import dev.fanfare.store.MemoryStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.roaringbitmap.RoaringBitmap;

/// Slices cut chunk by chunk are those that a sorted list would give.
final class ReleaseOrderTest {
  private static final int APP = 1;
  private static final long BROADCAST = 7;

  private final long seed = Long.getLong("seed", new Random().nextLong());
  private final Random random = new Random(seed);
  private final Batch batch = new Batch(new MemoryStore());
  private final AppCommands apps = new AppCommands(batch);

  ReleaseOrderTest() {}

  @RepeatedTest(200)
  void slices_are_those_of_a_sorted_list() {
    int members = 1 + random.nextInt(300_000);
    RoaringBitmap recipients = recipients(members);
    apps.putCounters(APP, AppCounters.newBuilder().setNextOrdinal(members).build());
    RecipientSet.RECIPIENTS.put(batch, BROADCAST, recipients);
    BroadcastRecord record = BroadcastRecord.newBuilder().setApp(APP).setNumber(BROADCAST).build();
    ReleaseOrder order = ReleaseOrder.of(batch, apps, record);

    int pivot = random.nextBoolean() ? random.nextInt(members) : random.nextInt();
    List<Integer> sorted = sorted(recipients, pivot);
    int first = pivot;
    int released = 0;
    while (released < sorted.size()) {
      int size = 1 + random.nextInt(sorted.size() - released);
      int last = order.last(first, size);
      assertThat(last).as("-Dseed=%d", seed).isEqualTo(sorted.get(released + size - 1));
      RoaringBitmap slice = new RoaringBitmap();
      order.between(
          first, last, (chunk, lows) -> lows.forEach((int low) -> slice.add(chunk << 16 | low)));
      assertThat(slice.toArray())
          .as("-Dseed=%d", seed)
          .containsExactlyInAnyOrder(
              sorted.subList(released, released + size).toArray(Integer[]::new));
      released += size;
      first = last + 1;
    }
  }

  private RoaringBitmap recipients(int members) {
    RoaringBitmap recipients = new RoaringBitmap();
    int count = 1 + random.nextInt(random.nextBoolean() ? 10 : 2_000);
    for (int i = 0; i < count; i++) {
      recipients.add(random.nextInt(members));
    }
    return recipients;
  }

  private static List<Integer> sorted(RoaringBitmap recipients, int pivot) {
    List<Integer> sorted = new ArrayList<>();
    recipients.forEach((int ordinal) -> sorted.add(ordinal));
    sorted.sort(Comparator.comparingLong(ordinal -> Integer.toUnsignedLong(ordinal - pivot)));
    return sorted;
  }
}
