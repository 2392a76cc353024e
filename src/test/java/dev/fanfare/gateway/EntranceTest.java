package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.TestNode;
import dev.fanfare.app.UserSig;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.PlantedJournal;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.AddKey;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.Command;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Acknowledgements and logins that wait for a journal which takes nothing.
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
    try (ReceiptJournal journal = new ReceiptJournal(stuck(), _ -> {})) {
      assertThatThrownBy(() -> journal.journal(receipts())).isInstanceOf(TryAgainException.class);
      leave.countDown();
    }
  }

  @Test
  void devices_connect_while_acknowledgements_wait() {
    List<Runnable> running = new ArrayList<>();
    try (ShardFixture fixture = new ShardFixture();
        ReceiptJournal receipts = new ReceiptJournal(stuck(), _ -> {})) {
      Entrance entrance =
          new Entrance(
              judging(fixture, fixture.connecting(), receipts), Map.of(), running::add, CLOCK);
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

  @Test
  void registered_devices_connect_while_logins_of_new_members_wait() {
    try (ShardFixture fixture = new ShardFixture();
        ReceiptJournal receipts = new ReceiptJournal(stuck(), _ -> {})) {
      addKey(fixture);
      var _ = fixture.node().register("known");
      AtomicInteger waiting = new AtomicInteger();
      Journal stuck = stuck();
      Journal counted =
          new PlantedJournal(command -> {
            waiting.incrementAndGet();
            return stuck.propose(command);
          });
      Connecting connecting = connecting(fixture, counted);
      Entrance entrance =
          new Entrance(
              judging(fixture, connecting, receipts),
              Map.of(),
              work -> untilDoneOrWaiting(work, waiting),
              CLOCK);
      Queue<Connecting.Judgement> judged = new ConcurrentLinkedQueue<>();
      for (int i = 0; i < AT_ONCE; i++) {
        Connecting.Claim login = login(fixture, "new" + i);
        assertThat(entrance.besideLoop(() -> judged.add(entrance.judge(login)))).isTrue();
      }
      assertThat(judged).hasSize(AT_ONCE - LogIns.AT_ONCE).containsOnly(Refused.OVER_CAPACITY);
      judged.clear();
      Connecting.Claim known = login(fixture, "known");
      assertThat(entrance.besideLoop(() -> judged.add(entrance.judge(known)))).isTrue();
      assertThat(judged).singleElement().isInstanceOf(Connecting.Admitted.class);
      leave.countDown();
    }
  }

  /// Runs work on a thread of its own and returns when it is done or waits for the journal.
  private static void untilDoneOrWaiting(Runnable work, AtomicInteger waiting) {
    int before = waiting.get();
    Thread thread = Thread.startVirtualThread(work);
    while (thread.isAlive() && waiting.get() == before) {
      Thread.onSpinWait();
    }
  }

  private static void addKey(ShardFixture fixture) {
    AppKey.Builder key =
        AppKey.newBuilder().setKind(AppKey.Kind.TENCENT_SECRET).setName("main").setSecret("secret");
    var _ =
        fixture
            .node()
            .propose(
                Command.newBuilder()
                    .setApp(TestNode.APP)
                    .setAddKey(AddKey.newBuilder().setKey(key))
                    .build());
  }

  private static Connecting connecting(ShardFixture fixture, Journal journal) {
    return new Connecting(
        new Connecting.Ground(
            ShardFixture.NODE, fixture.node().replica(), () -> false, fixture.clock()),
        new LogIns(journal, System::nanoTime));
  }

  private static Connecting.Claim login(ShardFixture fixture, String member) {
    long now = fixture.clock().millis() / 1_000;
    String sig = UserSig.make(fixture.node().app(), member, now, 3_600).orElseThrow();
    return new Connecting.Claim("demo", sig, null, null, null);
  }

  private static Entrance.Judging judging(
      ShardFixture fixture, Connecting connecting, ReceiptJournal receipts) {
    Replica replica = fixture.node().replica();
    return new Entrance.Judging(
        connecting,
        new AllowedOrigins(replica::tenants, false),
        new ReceiptsByPost(replica, fixture.catchUp(), receipts));
  }
}
