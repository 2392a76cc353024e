package dev.fanfare.replica;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.broadcast.LiveBroadcast;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.AddWebhook;
import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.Cancel;
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
import dev.fanfare.schema.TidyTag;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.Table;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/// What goes when, table by table. The standard limits hold: receipts 7 days, records 90.
final class PurgeTest {
  private static final List<Table> OF_RECEIPTS =
      List.of(Table.CHUNK, Table.SLICE, Table.WITH_RECEIPTS);
  private static final List<Table> OF_RECORDS =
      List.of(
          Table.BROADCAST,
          Table.PROGRESS,
          Table.POINT,
          Table.BROADCAST_ID,
          Table.NEWEST,
          Table.ENDED);
  private static final Outcome NOT_DUE = new Outcome.Refused(new Refusal.NotDue());

  private final MemoryStore store = new MemoryStore();
  private final TestClock clock = new TestClock();
  private final TestNode node = TestNode.start(store, clock);

  @AfterEach
  void close() {
    node.close();
    assertThat(node.broken()).isFalse();
  }

  @Test
  void receipts_go_a_week_after_the_last_recall() {
    node.register("1");
    send("b", builder());
    Broadcast before = broadcast("b");
    report(before.number());
    days(1);
    expireAll();
    clock.advance(Duration.ofDays(7).minusMillis(1));
    assertThat(node.propose(TestNode.purge(1_000))).isEqualTo(NOT_DUE);
    assertThat(store.table(Table.CHUNK)).hasSize(4);

    clock.advance(Duration.ofMillis(1));
    node.purge();

    OF_RECEIPTS.forEach(table -> assertThat(store.table(table)).as(table.name()).isEmpty());
    Broadcast after = broadcast("b");
    assertThat(after.receiptsPurged()).isEqualTo(clock.millis());
    assertThat(after.counters()).isEqualTo(new Broadcast.Counters(1, 1, 1, 1, 1));
    assertThat(node.replica().broadcasts().growth(after.number())).isNotEmpty();
  }

  @Test
  void records_go_90_days_after_the_last_recall() {
    node.register("1");
    send("b", builder());
    days(1);
    expireAll();
    clock.advance(Duration.ofDays(90).minusMillis(1));
    node.purge();
    assertThat(node.replica().broadcast(node.app(), "b")).isPresent();

    clock.advance(Duration.ofMillis(1));
    node.purge();

    assertThat(node.replica().broadcast(node.app(), "b")).isEmpty();
    OF_RECORDS.forEach(table -> assertThat(store.table(table)).as(table.name()).isEmpty());
    node.replica().broadcasts().newest(TestNode.APP, Long.MAX_VALUE, _ -> false);
  }

  @Test
  void a_cancelled_one_goes_like_others_and_a_scheduled_one_stays() {
    send("cancelled", builder().setStartAt(clock.millis() + 1_000));
    send("scheduled", builder().setStartAt(clock.millis() + Duration.ofDays(1_000).toMillis()));
    long number = broadcast("cancelled").number();
    node.propose(app().setCancel(Cancel.newBuilder().setBroadcast(number)).build());
    days(91);
    node.purge();
    days(91);
    node.purge();

    assertThat(node.replica().broadcast(node.app(), "cancelled")).isEmpty();
    assertThat(broadcast("scheduled").receiptsPurged()).isZero();
  }

  @Test
  void a_record_stays_while_its_send_can_be_repeated() {
    node.limit("idempotencySeconds", Duration.ofDays(30).toSeconds());
    node.limit("receiptSeconds", 1);
    node.limit("broadcastSeconds", 1);
    DuplicateKey key = DuplicateKey.newBuilder().setKind(DuplicateKey.Kind.IDEMPOTENCY).build();
    send("b", builder().addDuplicateKeys(key));
    days(2);
    expireAll();
    clock.advance(Duration.ofDays(28).minusMillis(1));
    node.purge();
    assertThat(node.propose(start("other", builder().addDuplicateKeys(key))))
        .isEqualTo(new Outcome.Started("b", true));

    clock.advance(Duration.ofMillis(1_001));
    node.purge();
    node.purge();
    assertThat(node.replica().broadcast(node.app(), "b")).isEmpty();
    assertThat(node.propose(start("other", builder().addDuplicateKeys(key))))
        .isEqualTo(new Outcome.Started("other", false));
  }

  @Test
  void a_broadcast_of_many_slices_goes_as_a_range_and_others_stay() {
    for (int i = 0; i < 100; i++) {
      node.register("m" + i);
    }
    send("paced", builder().setPace(1).setLifetimeSeconds(1_000));
    send("neighbour", builder().setLifetimeSeconds(Duration.ofDays(20).toSeconds()));
    long number = broadcast("paced").number();
    for (int slice = 1; slice < 100; slice++) {
      clock.advance(Duration.ofSeconds(1));
      Release.Builder release = Release.newBuilder().setBroadcast(number).setSlice(slice);
      assertThat(node.propose(app().setRelease(release).build())).isEqualTo(new Outcome.Done());
    }
    assertThat(store.table(Table.SLICE)).hasSize(101);
    days(2);
    expireAll();
    days(8);
    node.purge();

    assertThat(store.table(Table.SLICE)).hasSize(1);
    assertThat(store.table(Table.CHUNK)).hasSize(1);
  }

  @Test
  void reports_about_what_was_removed_change_nothing() {
    node.register("1");
    send("b", builder());
    long number = broadcast("b").number();
    days(2);
    expireAll();
    days(8);
    node.purge();
    report(number);
    FixUnreached.Builder fix = FixUnreached.newBuilder().setBroadcast(number);
    assertThat(node.propose(app().setFixUnreached(fix).build())).isEqualTo(NOT_DUE);

    assertThat(broadcast("b").counters()).isEqualTo(new Broadcast.Counters(1, 1, 0, 0, 0));
    assertThat(store.table(Table.CHUNK)).isEmpty();
  }

  @Test
  void an_entry_removes_no_more_than_it_says() {
    for (int i = 0; i < 50; i++) {
      send("b" + i, builder());
    }
    days(2);
    expireAll();
    days(8);
    int entries = 0;
    int left = store.table(Table.WITH_RECEIPTS).size();
    while (node.propose(TestNode.purge(10)) instanceof Outcome.Done) {
      int now = store.table(Table.WITH_RECEIPTS).size();
      assertThat(left - now).isLessThanOrEqualTo(5);
      left = now;
      entries++;
    }

    assertThat(left).isZero();
    assertThat(entries).isGreaterThanOrEqualTo(10);
  }

  @Test
  void a_removed_member_is_known_while_recipients_or_events_can_hold_it() {
    node.register("1");
    node.register("2");
    AddWebhook webhook =
        AddWebhook.newBuilder().setId("w").setUrl("http://w").addEvents(EventKind.LIFE).build();
    node.propose(app().setAddWebhook(webhook).build());
    send("b", builder().setLifetimeSeconds(Duration.ofDays(3).toSeconds()));
    remove("1");
    days(9);
    node.purge();
    assertThat(node.replica().members().idOf(TestNode.APP, 0)).contains("1");

    expireAll();
    days(8);
    node.purge();
    assertThat(store.table(Table.CHUNK)).isEmpty();
    assertThat(node.replica().members().idOf(TestNode.APP, 0)).contains("1");

    long head = node.replica().position().offset();
    node.propose(app().setPassWebhook(PassWebhook.newBuilder().setId("w").setOffset(head)).build());
    node.purge();
    assertThat(node.replica().members().idOf(TestNode.APP, 0)).isEmpty();
    assertThat(node.replica().members().idOf(TestNode.APP, 1)).contains("2");
    for (Table table : List.of(Table.DEPARTED, Table.FORMER_MEMBER, Table.REMOVED)) {
      assertThat(store.table(table)).as(table.name()).isEmpty();
    }
  }

  @Test
  void of_an_id_that_comes_and_goes_the_latest_stays_are_known() {
    node.register("1");
    remove("1");
    days(5);
    node.register("1");
    remove("1");
    node.register("1");
    days(3);
    node.purge();

    var history = node.replica().members().history(TestNode.APP, "1");
    assertThat(history.stays()).hasSize(2);
    assertThat(history.knownSince()).isEqualTo(clock.millis() - Duration.ofDays(8).toMillis());
    assertThat(store.table(Table.ORDINAL)).hasSize(2);
  }

  @Test
  void a_tag_is_taken_from_everyone_though_one_of_them_is_forgotten() {
    for (int i = 0; i < 5; i++) {
      node.register("m" + i, "t");
    }
    RemoveTag removal = RemoveTag.newBuilder().setName("t").setId(1).setPortion(1).build();
    node.propose(app().setRemoveTag(removal).build());
    remove("m3");
    days(8);
    node.purge();
    assertThat(node.replica().members().idOf(TestNode.APP, 3)).isEmpty();

    TidyTag portion = TidyTag.newBuilder().setId(1).setPortion(10).build();
    while (node.propose(app().setTidyTag(portion).build()) instanceof Outcome.Done) {
      // The next portion.
    }
    assertThat(node.app().tagRemovals()).isEmpty();
    assertThat(store.table(Table.FROZEN)).isEmpty();
  }

  @Test
  void repetitions_scans_and_tombstones_that_are_over_go_when_nothing_else_happens() {
    DuplicateKey key = DuplicateKey.newBuilder().setKind(DuplicateKey.Kind.BODY).build();
    send("b", builder().addDuplicateKeys(key));
    node.register("1");
    node.register("2");
    remove("2");
    StartScan scan = StartScan.newBuilder().setId(7).setAudience(everyone()).build();
    node.propose(app().setStartScan(scan).build());
    List<Table> tables =
        List.of(Table.DUPLICATE, Table.DUPLICATE_END, Table.SCAN, Table.FROZEN, Table.TOMBSTONE);
    node.purge();
    tables.forEach(table -> assertThat(store.table(table)).as(table.name()).hasSize(1));

    days(181);
    node.purge();
    tables.forEach(table -> assertThat(store.table(table)).as(table.name()).isEmpty());
  }

  @Test
  void counts_of_days_that_are_over_everywhere_go() {
    send("b", builder().setAccessKey("AK"));
    days(2);
    node.purge();
    assertThat(store.table(Table.DAILY_COUNT)).hasSize(1);

    days(2);
    node.purge();
    assertThat(store.table(Table.DAILY_COUNT)).isEmpty();
  }

  private Broadcast broadcast(String id) {
    return node.replica().broadcast(node.app(), id).orElseThrow();
  }

  private void days(int days) {
    clock.advance(Duration.ofDays(days));
  }

  private static StartBroadcast.Builder builder() {
    return StartBroadcast.newBuilder().setLifetimeSeconds(60);
  }

  private static Command.Builder app() {
    return Command.newBuilder().setApp(TestNode.APP);
  }

  private static AudienceNode everyone() {
    return AudienceSchema.encode(new Audience.Everyone());
  }

  private static Command start(String id, StartBroadcast.Builder broadcast) {
    return app()
        .setStartBroadcast(
            broadcast
                .setId(id)
                .setFormat(Format.NATIVE)
                .setMessage(ByteString.copyFromUtf8("{}"))
                .setAudience(everyone()))
        .build();
  }

  private void send(String id, StartBroadcast.Builder broadcast) {
    assertThat(node.propose(start(id, broadcast))).isEqualTo(new Outcome.Started(id, false));
  }

  private void remove(String id) {
    node.propose(
        TestNode.change(
            MemberChange.newBuilder().setId(id).setRemove(RemoveMember.getDefaultInstance())));
  }

  private void expireAll() {
    for (LiveBroadcast live : List.copyOf(node.replica().timeline().broadcasts())) {
      node.propose(app().setExpire(Expire.newBuilder().setBroadcast(live.number())).build());
    }
    clock.advance(Duration.ofMillis(1));
    for (LiveBroadcast live : List.copyOf(node.replica().timeline().broadcasts())) {
      node.propose(app().setExpire(Expire.newBuilder().setBroadcast(live.number())).build());
    }
  }

  /// Reports that the member with ordinal 0 read it.
  private void report(long number) {
    ByteString bits = ByteString.copyFrom(BitmapBytes.serialize(RoaringBitmap.bitmapOf(0)));
    ReceiptChunk.Builder chunk =
        ReceiptChunk.newBuilder().setBroadcast(number).setReached(bits).setRead(bits);
    node.propose(app().setReceipts(Receipts.newBuilder().addChunks(chunk)).build());
  }
}
