package dev.fanfare.journal.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.broadcast.LiveBroadcast;
import dev.fanfare.journal.Outcome;
import dev.fanfare.schema.AddWebhook;
import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.DuplicateKey;
import dev.fanfare.schema.EventKind;
import dev.fanfare.schema.Expire;
import dev.fanfare.schema.FixUnreached;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.PassWebhook;
import dev.fanfare.schema.ReceiptChunk;
import dev.fanfare.schema.Receipts;
import dev.fanfare.schema.Release;
import dev.fanfare.schema.RemoveMember;
import dev.fanfare.schema.RemoveTag;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.schema.StartScan;
import dev.fanfare.schema.TagRemoval;
import dev.fanfare.schema.TidyTag;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.Table;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/// Every table of a node that is always in use holds, in its third week, no more than in its
/// second. `-Dlong=true` lets it run for half a year.
final class SteadyTrafficTest {
  private static final Duration STEP = Duration.ofMinutes(10);
  private static final int STEPS_A_WEEK = (int) (Duration.ofDays(7).toMinutes() / 10);
  private static final int WEEKS = Boolean.getBoolean("long") ? 26 : 3;
  private static final int MEMBERS = 50;

  /// Its bound, 100,000 places for broadcasts of lifetime 0, is too large to be met here.
  private static final Table RING = Table.UNCOUNTED;

  private final MemoryStore store = new MemoryStore();
  private final TestClock clock = new TestClock();
  private final TestNode node = TestNode.start(store, clock);
  private long trimmed;

  @Test
  void no_table_grows_for_ever() {
    Map.of(
            "receiptSeconds", 86_400,
            "broadcastSeconds", 3 * 86_400,
            "idempotencySeconds", 86_400,
            "credentialAgeSeconds", 86_400,
            "scanSeconds", 3_600,
            "auditEntries", 100)
        .forEach(node::limit);
    AddWebhook.Builder webhook =
        AddWebhook.newBuilder()
            .setId("w")
            .setUrl("http://w")
            .addAllEvents(List.of(EventKind.LIFE, EventKind.RECEIPT, EventKind.UNREACHED));
    node.propose(app().setAddWebhook(webhook).build());

    Map<Table, Integer> second = new EnumMap<>(Table.class);
    Map<Table, Integer> last = new EnumMap<>(Table.class);
    for (int step = 0; step < WEEKS * STEPS_A_WEEK; step++) {
      step(step);
      int week = step / STEPS_A_WEEK;
      if (week == 1) {
        note(second);
      } else if (week == WEEKS - 1) {
        note(last);
      }
    }
    node.close();
    assertThat(node.broken()).isFalse();
    for (Table table : Table.values()) {
      int before = second.getOrDefault(table, 0);
      assertThat(before).as("%s is used", table).isPositive();
      if (table != RING) {
        assertThat(last.get(table)).as(table.name()).isLessThanOrEqualTo(before + before / 10 + 3);
      }
    }
  }

  private void note(Map<Table, Integer> most) {
    for (Table table : Table.values()) {
      most.merge(table, store.table(table).size(), Math::max);
    }
  }

  private void step(int step) {
    node.register("m" + step, "t" + step % 7, "u" + step);
    if (step >= MEMBERS) {
      RemoveMember remove = RemoveMember.getDefaultInstance();
      node.propose(
          TestNode.change(
              MemberChange.newBuilder().setId("m" + (step - MEMBERS)).setRemove(remove)));
    }
    send("b" + step, step % 5 == 0 ? 0 : 3_600, step);
    report();
    if (step % 20 == 0) {
      StartScan.Builder scan = StartScan.newBuilder().setId(step).setAudience(everyone());
      node.propose(app().setStartScan(scan).build());
      RemoveTag.Builder tag = RemoveTag.newBuilder().setName("t3").setId(step).setPortion(1);
      node.propose(app().setActor("api-key/ci").setRemoveTag(tag).build());
    }
    clock.advance(STEP);
    timers();
    if (step % 6 == 0) {
      housekeeping();
    }
  }

  private void send(String id, long lifetime, int step) {
    Command.Builder send =
        app()
            .setActor("api-key/ci")
            .setStartBroadcast(
                StartBroadcast.newBuilder()
                    .setId(id)
                    .setFormat(Format.NATIVE)
                    .setMessage(ByteString.copyFromUtf8("{}"))
                    .setLifetimeSeconds(lifetime)
                    .setPace(step % 3 == 0 ? 10 : 0)
                    .setAccessKey("AK")
                    .setAudience(everyone())
                    .addDuplicateKeys(
                        DuplicateKey.newBuilder()
                            .setKind(DuplicateKey.Kind.IDEMPOTENCY)
                            .setKey(ByteString.copyFromUtf8(id))));
    assertThat(node.propose(send.build())).isEqualTo(new Outcome.Started(id, false));
  }

  /// Everyone has read everything that still can be delivered.
  private void report() {
    RoaringBitmap all = new RoaringBitmap();
    all.add(0L, 1L << 16);
    ByteString bits = ByteString.copyFrom(BitmapBytes.serialize(all));
    Receipts.Builder receipts = Receipts.newBuilder();
    for (LiveBroadcast live : node.replica().timeline().broadcasts()) {
      if (live.live()) {
        receipts.addChunks(
            ReceiptChunk.newBuilder().setBroadcast(live.number()).setReached(bits).setRead(bits));
      }
    }
    node.propose(app().setReceipts(receipts).build());
  }

  /// Proposes what might be due; apply knows.
  private void timers() {
    for (LiveBroadcast live : List.copyOf(node.replica().timeline().broadcasts())) {
      long number = live.number();
      if (live.nextDue() > 0) {
        Release.Builder release =
            Release.newBuilder().setBroadcast(number).setSlice(live.notices().slices());
        node.propose(app().setRelease(release).build());
      }
      boolean over = live.live() && clock.millis() >= live.endOfLife();
      if (over || clock.millis() > live.lastRecall()) {
        node.propose(app().setExpire(Expire.newBuilder().setBroadcast(number)).build());
      }
      int slice = node.replica().broadcasts().unreachedFixed(number);
      if (slice < live.notices().slices()) {
        FixUnreached.Builder fix = FixUnreached.newBuilder().setBroadcast(number).setSlice(slice);
        node.propose(app().setFixUnreached(fix).build());
      }
    }
  }

  private void housekeeping() {
    long head = node.replica().position().offset();
    PassWebhook.Builder pass = PassWebhook.newBuilder().setId("w").setOffset(head);
    node.propose(app().setPassWebhook(pass).build());
    for (TagRemoval removal : node.app().tagRemovals()) {
      TidyTag.Builder tidy = TidyTag.newBuilder().setId(removal.getId()).setPortion(10);
      node.propose(app().setTidyTag(tidy).build());
    }
    node.purge();
    node.replica().checkpoint();
    trimmed = JournalTrim.trim(store, trimmed, clock.millis() - Duration.ofDays(1).toMillis());
  }

  private static Command.Builder app() {
    return Command.newBuilder().setApp(TestNode.APP);
  }

  private static AudienceNode everyone() {
    return AudienceSchema.encode(new Audience.Everyone());
  }
}
