package dev.fanfare.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.PlantedJournal;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.store.MemoryStore;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What time brings is proposed, also after a proposal failed.
final class TimersTest {
  private final TestClock clock = new TestClock();
  private final TestNode node = TestNode.start(new MemoryStore(), clock);

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void a_scheduled_and_paced_broadcast_starts_goes_on_and_ends() throws Exception {
    for (int i = 0; i < 3; i++) {
      node.register("m" + i);
    }
    send(clock.millis() + 60_000, 1);
    try (Timers _ = new Timers(node.replica().timeline(), node.journal(), node.journal()::time)) {
      Thread.sleep(250);
      assertThat(broadcast().state()).isEqualTo(BroadcastState.SCHEDULED);
      clock.advance(Duration.ofMinutes(1));
      await(() -> broadcast().counters().released() == 1);
      clock.advance(Duration.ofSeconds(1));
      await(() -> broadcast().counters().released() == 2);
      clock.advance(Duration.ofSeconds(1));
      await(() -> broadcast().state() == BroadcastState.COMPLETED);
      clock.advance(Duration.ofDays(2));
      await(() -> node.replica().timeline().broadcasts().isEmpty());
    }
  }

  @Test
  void a_paced_broadcast_goes_on_while_the_wall_clock_is_set_back() throws Exception {
    for (int i = 0; i < 3; i++) {
      node.register("m" + i);
    }
    send(0, 1);
    clock.advance(Duration.ofHours(-1));
    try (Timers _ = new Timers(node.replica().timeline(), node.journal(), node.journal()::time)) {
      await(() -> broadcast().state() == BroadcastState.COMPLETED);
    }
  }

  @Test
  void a_refused_or_failing_journal_is_asked_again_without_hurry() throws Exception {
    send(clock.millis() + 1, 0);
    clock.advance(Duration.ofSeconds(1));
    AtomicInteger asked = new AtomicInteger();
    Journal journal =
        PlantedJournal.failing(() ->
            asked.incrementAndGet() % 2 == 0
                ? new TryAgainException("planted")
                : new IllegalStateException("planted"));
    long began = System.nanoTime();
    try (Timers _ = new Timers(node.replica().timeline(), journal, clock::millis)) {
      await(() -> asked.get() >= 6);
    }
    long millis = Duration.ofNanos(System.nanoTime() - began).toMillis();
    assertThat((long) asked.get()).isLessThanOrEqualTo(millis / 100 + 1);
  }

  private void send(long startAt, int pace) {
    node.propose(
        Command.newBuilder()
            .setApp(TestNode.APP)
            .setStartBroadcast(
                StartBroadcast.newBuilder()
                    .setId("b")
                    .setFormat(Format.NATIVE)
                    .setMessage(ByteString.copyFromUtf8("{}"))
                    .setLifetimeSeconds(3_600)
                    .setStartAt(startAt)
                    .setPace(pace)
                    .setAudience(AudienceSchema.encode(new Audience.Everyone())))
            .build());
  }

  private Broadcast broadcast() {
    return node.replica().broadcast(node.app(), "b").orElseThrow();
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Condition condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(10);
    }
  }
}
