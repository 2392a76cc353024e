package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.journal.Journal;
import dev.fanfare.journal.PlantedJournal;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.replica.Replica;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Acknowledgements that wait for a journal which takes nothing.
final class EntranceTest {
  private static final int AT_ONCE = 256;
  private static final Clock CLOCK = Clock.systemUTC();

  private final CountDownLatch leave = new CountDownLatch(1);

  @AfterEach
  void leave() {
    leave.countDown();
  }

  /// A journal whose disk hangs.
  private Journal stuck() {
    return new PlantedJournal(_ -> {
      try {
        leave.await();
      } catch (InterruptedException e) {
        throw new TryAgainException("closed");
      }
      throw new TryAgainException("stuck");
    });
  }

  private static Receipts receipts() {
    Receipts receipts = new Receipts();
    receipts.read(1, 1, 1);
    return receipts;
  }

  @Test
  void report_that_the_journal_does_not_take_is_not_waited_for_without_end() {
    try (ReceiptJournal journal = new ReceiptJournal(stuck(), List::of)) {
      assertThatThrownBy(() -> journal.journal(receipts())).isInstanceOf(TryAgainException.class);
      leave.countDown();
    }
  }

  @Test
  void devices_connect_while_acknowledgements_wait() {
    List<Runnable> running = new ArrayList<>();
    try (ShardFixture fixture = new ShardFixture();
        ReceiptJournal receipts = new ReceiptJournal(stuck(), List::of)) {
      Entrance entrance = new Entrance(judging(fixture, receipts), Map.of(), running::add, CLOCK);
      for (int i = 0; i < AT_ONCE; i++) {
        assertThat(entrance.acknowledging(() -> {})).isTrue();
      }
      assertThat(entrance.acknowledging(() -> {})).isFalse();
      assertThat(entrance.besideLoop(() -> {})).isTrue();
      running.getFirst().run();
      assertThat(entrance.acknowledging(() -> {})).as("one is done").isTrue();
      leave.countDown();
    }
  }

  private static Entrance.Judging judging(ShardFixture fixture, ReceiptJournal receipts) {
    Replica replica = fixture.node().replica();
    return new Entrance.Judging(
        fixture.connecting(),
        new AllowedOrigins(replica::tenants, false),
        new ReceiptsByPost(replica, fixture.catchUp(), receipts));
  }
}
