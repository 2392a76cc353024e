package dev.fanfare.journal.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.Stamp;
import dev.fanfare.journal.StateMachine;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.journal.UnknownEntryException;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.SetLevel;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.RocksStore;
import dev.fanfare.store.Store;
import dev.fanfare.store.Table;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.roaringbitmap.RoaringBitmap;

/// What the embedded engine does when the disk fails or fills, and when the clock jumps.
final class EmbeddedJournalTest {
  private final MemoryStore store = new MemoryStore();
  private final TestClock clock = new TestClock();

  @Test
  void a_commit_that_was_lost_may_be_tried_again_and_left_nothing() {
    try (TestNode node = TestNode.start(store, clock)) {
      node.register("1", "vip");
      store.fail(MemoryStore.Fault.LOST);

      assertThatThrownBy(() -> node.register("2", "vip")).isInstanceOf(TryAgainException.class);
      assertThat(node.replica().member(node.app(), "2")).isEmpty();
      assertThat(vips(node)).isEqualTo(1);
      assertThat(store.reopened()).isEqualTo(1);

      node.register("2", "vip");
      assertThat(vips(node)).isEqualTo(2);
    }
  }

  @Test
  void a_commit_that_failed_after_it_was_written_stands() {
    try (TestNode node = TestNode.start(store, clock)) {
      store.fail(MemoryStore.Fault.WRITTEN_BUT_FAILED);
      node.register("1", "vip");

      assertThat(node.replica().member(node.app(), "1")).isPresent();
      assertThat(vips(node)).isEqualTo(1);
    }
  }

  @Test
  void writes_are_refused_while_the_disk_is_nearly_full_and_taken_again_afterwards()
      throws Exception {
    store.setFreeBytes(Store.MIN_FREE_BYTES);
    try (TestNode node = TestNode.start(store, clock)) {
      node.register("1");
      store.setFreeBytes(Store.MIN_FREE_BYTES - 1);
      Thread.sleep(1_100);

      assertThatThrownBy(() -> node.register("2")).isInstanceOf(TryAgainException.class);
      assertThat(node.replica().member(node.app(), "1")).isPresent();
      assertThat(node.journal().troubles()).containsExactly("the disk is nearly full");

      store.setFreeBytes(Store.MIN_FREE_BYTES);
      assertThat(node.journal().troubles()).as("known without a write").isEmpty();
      Thread.sleep(1_100);
      node.register("2");
      assertThat(node.replica().member(node.app(), "2")).isPresent();
    }
  }

  @Test
  void writes_are_refused_while_the_disk_does_not_tell_its_free_space() {
    store.failFreeBytes(true);
    TestNode node = TestNode.startUnbootstrapped(store, clock);
    assertThatThrownBy(() -> node.propose(TestNode.bootstrap()))
        .isInstanceOf(TryAgainException.class);
    assertThat(node.journal().troubles()).hasSize(1);
    node.close();
  }

  @Test
  void journal_time_never_goes_back_nor_stands_still_when_the_clock_is_set_back() throws Exception {
    try (TestNode node = TestNode.start(store, clock)) {
      node.register("1");
      long before = node.replica().applied().time();
      clock.advance(Duration.ofHours(-1));
      Thread.sleep(20);
      node.register("1", "a");
      long behind = node.replica().applied().time();
      clock.advance(Duration.ofHours(2));
      node.register("1", "b");

      assertThat(behind).isGreaterThan(before).isLessThan(before + 60_000);
      assertThat(node.replica().applied().time()).isEqualTo(clock.millis());
    }
  }

  @Test
  void a_store_that_is_closed_ends_the_journal(@TempDir Path directory) {
    RocksStore closing = RocksStore.open(directory, 4 << 20);
    TestNode node = TestNode.start(closing, clock);
    closing.close();
    assertThatThrownBy(() -> node.register("1")).isInstanceOf(OutcomeUnknownException.class);
    node.close();
    assertThat(node.broken()).isFalse();
  }

  @Test
  void a_level_that_this_version_does_not_know_is_refused_and_leaves_nothing() {
    try (TestNode node = TestNode.start(store, clock)) {
      long before = node.replica().applied().offset();
      Command next = Command.newBuilder().setSetLevel(SetLevel.newBuilder().setLevel(2)).build();

      assertThatThrownBy(() -> node.propose(next))
          .isInstanceOf(UnknownEntryException.class)
          .hasMessageContaining("level 2");
      assertThat(node.replica().applied().offset()).isEqualTo(before);
      node.register("1");
      assertThat(node.replica().applied().offset()).isEqualTo(before + 1);
    }
  }

  @Test
  void a_broken_invariant_stops_the_server_and_stores_nothing() {
    TestNode node = TestNode.start(store, clock);
    Command impossible =
        Command.newBuilder().setApp(99).setStartBroadcast(StartBroadcast.newBuilder()).build();

    assertThatThrownBy(() -> node.propose(impossible)).isInstanceOf(TryAgainException.class);
    node.close();
    assertThat(node.broken()).isTrue();
    assertThat(node.replica().applied().offset()).isEqualTo(1);
  }

  @Test
  void who_waits_for_an_entry_that_is_stored_but_cannot_be_shown_is_not_told_to_try_again() {
    AtomicBoolean broken = new AtomicBoolean();
    Runnable breaks = () -> broken.set(true);
    try (EmbeddedJournal journal =
        new EmbeddedJournal(store, new Unshowable(), EmbeddedJournal.Clocks.system(), breaks)) {
      assertThatThrownBy(() -> journal.propose(Command.getDefaultInstance()))
          .isInstanceOf(OutcomeUnknownException.class);
    }
    assertThat(broken).isTrue();
    assertThat(store.get(Table.JOURNAL, Key.bytes(1L))).isNotNull();
  }

  /// Takes everything and fails when it has to show it.
  private final class Unshowable implements StateMachine {
    @Override
    public Stamp applied() {
      return new Stamp(0, 0);
    }

    @Override
    public boolean readsCommitted(Command command) {
      return false;
    }

    @Override
    public Batch begin() {
      return new Batch(store);
    }

    @Override
    public Outcome apply(Stamp stamp, Command command) {
      return new Outcome.Done();
    }

    @Override
    public void seal() {}

    @Override
    public void committed() {
      throw new IllegalStateException("planted");
    }

    @Override
    public void rebuild() {}
  }

  private static int vips(TestNode node) {
    return node.replica()
        .count(node.app(), new Audience.Tag("vip"), 0, new RoaringBitmap())
        .matched();
  }
}
