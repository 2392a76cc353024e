package dev.fanfare.journal.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.schema.Entry;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.Table;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class JournalTrimTest {
  private final MemoryStore store = new MemoryStore();

  @Test
  void entries_from_before_the_time_go_and_all_others_stay() {
    for (int entries : new int[] {0, 1, 2, 3, 10, 1_000}) {
      for (int kept : new int[] {0, 1, entries / 2, entries}) {
        store.table(Table.JOURNAL).clear();
        fill(5, entries);
        long before = 5L + Math.max(0, entries - kept);

        long oldest = JournalTrim.trim(store, 0, before);

        assertThat(store.table(Table.JOURNAL)).hasSize(Math.min(kept, entries));
        assertThat(JournalTrim.trim(store, oldest, before)).isEqualTo(oldest);
        if (kept > 0 && entries > 0) {
          assertThat(store.table(Table.JOURNAL).firstKey()).isEqualTo(Key.bytes(oldest));
        }
      }
    }
  }

  /// Each entry was made at the time that is its offset.
  private void fill(long first, int entries) {
    Batch batch = new Batch(store);
    for (long offset = first; offset < first + entries; offset++) {
      batch.put(
          Table.JOURNAL,
          Key.bytes(offset),
          Entry.newBuilder().setTime(offset).build().toByteArray());
    }
    store.write(batch);
  }

  @Test
  void a_node_goes_on_without_any_old_entry() {
    TestClock clock = new TestClock();
    TestNode node = TestNode.start(store, clock);
    node.register("1", "a");
    long position = node.replica().position().offset();
    node.close();
    clock.advance(Duration.ofDays(1));
    assertThat(JournalTrim.trim(store, 0, clock.millis())).isEqualTo(position + 1);
    assertThat(store.table(Table.JOURNAL)).isEmpty();

    TestNode again = TestNode.start(store, clock);
    assertThat(again.replica().position().offset()).isEqualTo(position);
    assertThat(again.replica().member(again.app(), "1").orElseThrow().tags()).containsExactly("a");
    again.register("2");
    again.close();
    assertThat(store.table(Table.JOURNAL).firstKey()).isEqualTo(Key.bytes(position + 1));
    assertThat(again.broken()).isFalse();
  }
}
