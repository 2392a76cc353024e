package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.TestNode;
import dev.fanfare.journal.Position;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/// Interleavings that a real event loop shows rarely.
final class ShardTest {
  private static final int ALL = Integer.MAX_VALUE;

  private final Random random = new Random(1);
  private final ManualLoop loop = new ManualLoop();
  private final ShardFixture fixture = new ShardFixture();
  private final Shard shard = fixture.shard(loop);

  @AfterEach
  void close() {
    fixture.close();
  }

  private Session atHead(String member, FakeDevice device) {
    Session session = fixture.open(shard, member, device);
    for (int i = 0; i < 4; i++) {
      loop.settle(random);
      reads(session, device);
    }
    device.read(ALL);
    assertThat(session.atHead()).isTrue();
    return session;
  }

  private FakeDevice member(String id, int socketFrames) {
    var _ = fixture.node().register(id);
    loop.settle(random);
    return new FakeDevice(socketFrames);
  }

  private void reads(Session session, FakeDevice device) {
    device.read(ALL);
    shard.writabilityChanged(session);
    loop.settle(random);
  }

  private List<String> send(int count) {
    List<String> ids = IntStream.range(0, count).mapToObj(i -> "b" + i).toList();
    ids.forEach(fixture::send);
    return ids;
  }

  private static long offset(JsonNode message) {
    return Position.parse(message.path("position").asText()).orElseThrow().offset();
  }

  @Test
  void what_comes_soon_after_a_pass_of_several_shares_one_write() {
    FakeDevice device = member("m", 100);
    var _ = atHead("m", device);
    int before = device.writes().size();
    var _ = send(3);
    while (device.writes().size() == before) {
      assertThat(loop.step(random)).isTrue();
    }
    fixture.send("soon");
    assertThat(loop.step(random)).isTrue(); // the shard is woken, and rests
    fixture.send("sooner");
    loop.settle(random);
    assertThat(device.writes().subList(before, device.writes().size())).containsExactly(3, 2);
    fixture.send("alone");
    loop.settle(random);
    fixture.send("at once"); // after a pass of one there is no rest
    assertThat(loop.step(random)).isTrue();
    assertThat(device.writes().getLast()).isEqualTo(1);
    assertThat(device.writes()).hasSize(before + 4);
  }

  @Test
  void pass_reads_no_chunk_that_a_slice_does_not_lie_in() {
    fixture.register(66_000);
    FakeDevice low = new FakeDevice();
    FakeDevice high = new FakeDevice();
    var _ = atHead("m0", low);
    var _ = atHead("m65999", high);
    fixture.sendPaced("paced", "m0", "m65999");
    long before = fixture.store().reads(Table.CHUNK);
    loop.settle(random);
    assertThat(fixture.store().reads(Table.CHUNK)).isEqualTo(before + 1);
    low.read(ALL);
    high.read(ALL);
    assertThat(low.broadcasts()).containsExactly("paced");
    assertThat(high.broadcasts()).isEmpty();
  }

  @Test
  void what_a_pass_had_no_room_for_does_not_wait() {
    FakeDevice device = member("m", 200);
    var _ = atHead("m", device);
    int written = device.writes().size();
    long before = loop.nanoTime();
    var _ = send(2 * Bundle.MAX_FRAMES);
    while (device.writes().size() < written + 2) {
      assertThat(loop.step(random)).isTrue();
    }
    assertThat(device.writes().getLast()).isEqualTo(Bundle.MAX_FRAMES);
    assertThat(loop.nanoTime()).isEqualTo(before);
  }

  @Test
  void session_that_fills_up_in_mid_pass_goes_on_after_what_it_was_given() {
    FakeDevice device = member("m", 10);
    Session session = atHead("m", device);
    List<String> ids = send(100);
    loop.settle(random);
    assertThat(device.writes().getLast()).isEqualTo(64);
    assertThat(session.atHead()).isFalse();
    device.read(ALL);
    assertThat(session.cursor()).isEqualTo(offset(device.heard().getLast()));
    reads(session, device);
    reads(session, device);
    assertThat(session.atHead()).isTrue();
    assertThat(device.broadcasts()).isEqualTo(ids);
  }

  @Test
  void session_that_is_full_when_a_pass_begins_goes_on_from_the_head_before() {
    FakeDevice device = member("m", 1);
    Session session = atHead("m", device);
    fixture.send("first");
    var _ = fixture.node().register("moves the head, concerns nobody");
    loop.settle(random);
    long before = shard.head();
    fixture.send("second");
    loop.settle(random);
    assertThat(session.atHead()).isFalse();
    assertThat(session.cursor()).isEqualTo(before);
    reads(session, device);
    device.read(ALL);
    assertThat(device.broadcasts()).containsExactly("first", "second");
  }

  @Test
  void catch_up_comes_in_portions_of_64_frames() {
    FakeDevice device = member("m", ALL);
    List<String> ids = send(150);
    loop.settle(random);
    atHead("m", device);
    assertThat(device.writes()).containsExactly(1, 64, 64, 22, 1);
    assertThat(device.broadcasts()).isEqualTo(ids);
  }

  @Test
  void writability_reported_in_the_middle_of_a_write_repeats_nothing() {
    FakeDevice device = member("m", ALL);
    List<String> ids = send(150);
    loop.settle(random);
    Session session = fixture.open(shard, "m", device);
    device.whileWriting(() -> shard.writabilityChanged(session));
    loop.settle(random);
    device.read(ALL);
    assertThat(device.broadcasts()).isEqualTo(ids);
  }

  private List<FakeDevice> crowd(int size) {
    List<FakeDevice> devices = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      FakeDevice device = member("m" + i, ALL);
      var _ = atHead("m" + i, device);
      devices.add(device);
    }
    return devices;
  }

  private static long written(List<FakeDevice> devices) {
    return devices.stream().filter(device -> device.writes().size() > 2).count();
  }

  @Test
  void pass_yields_after_256_writes_however_often_it_is_woken() {
    List<FakeDevice> devices = crowd(600);
    fixture.send("b");
    List<Long> seen = new ArrayList<>();
    loop.execute(() -> seen.add(written(devices)));
    assertThat(loop.step(random)).isTrue();
    shard.wake();
    loop.execute(() -> seen.add(written(devices)));
    loop.settle(random);
    assertThat(seen).containsExactly(256L, 512L);
    devices.forEach(device -> device.read(ALL));
    assertThat(devices).allMatch(device -> device.broadcasts().equals(List.of("b")));
  }

  @Test
  void pass_lets_the_sockets_have_the_thread_after_256_writes() {
    crowd(600);
    int before = loop.yields();
    fixture.send("b");
    for (int turn = 1; turn <= 3; turn++) {
      assertThat(loop.step(random)).isTrue();
      assertThat(loop.yields() - before).isEqualTo(turn);
    }
  }

  @Test
  void session_that_opens_in_mid_pass_joins_after_it() {
    List<FakeDevice> devices = crowd(300);
    FakeDevice late = member("late", ALL);
    fixture.send("b");
    assertThat(loop.step(random)).isTrue();
    assertThat(written(devices)).isEqualTo(256);
    Session session = fixture.open(shard, "late", late);
    loop.readNow();
    assertThat(shard.head()).isLessThan(fixture.node().replica().timeline().head());
    assertThat(session.atHead()).isFalse();
    loop.settle(random);
    assertThat(session.atHead()).isTrue();
    late.read(ALL);
    assertThat(late.broadcasts()).containsExactly("b");
  }

  @Test
  void pass_does_not_span_a_removal() {
    FakeDevice leaves = member("leaves", ALL);
    FakeDevice stays = member("stays", ALL);
    Session left = atHead("leaves", leaves);
    atHead("stays", stays);
    fixture.send("before");
    fixture.remove("leaves");
    fixture.send("after");
    loop.settle(random);
    leaves.read(ALL);
    stays.read(ALL);
    assertThat(left.closed()).isTrue();
    assertThat(leaves.closedWith()).isEqualTo(CloseCode.CREDENTIALS);
    assertThat(leaves.broadcasts()).containsExactly("before");
    assertThat(stays.broadcasts()).containsExactly("before", "after");
    assertThat(shard.head()).isEqualTo(fixture.node().replica().timeline().head());
  }

  @Test
  void removal_right_at_the_head_and_two_in_a_row_are_obeyed() {
    FakeDevice first = member("first", ALL);
    FakeDevice second = member("second", ALL);
    atHead("first", first);
    atHead("second", second);
    fixture.remove("first");
    fixture.remove("second");
    loop.settle(random);
    assertThat(first.closedWith()).isEqualTo(CloseCode.CREDENTIALS);
    assertThat(second.closedWith()).isEqualTo(CloseCode.CREDENTIALS);
  }

  @Test
  void removal_that_only_a_failed_commit_told_is_obeyed() {
    FakeDevice device = member("m", ALL);
    FakeDevice other = member("other", ALL);
    Session session = atHead("m", device);
    atHead("other", other);
    fixture.store().fail(MemoryStore.Fault.WRITTEN_BUT_FAILED);
    fixture.remove("m");
    loop.settle(random);
    assertThat(device.closedWith()).isEqualTo(CloseCode.CREDENTIALS);
    assertThat(session.atHead()).isFalse();
    fixture.send("later");
    loop.settle(random);
    other.read(ALL);
    assertThat(other.broadcasts()).containsExactly("later");
  }

  @Test
  void broadcast_that_only_a_failed_commit_told_is_delivered() {
    FakeDevice device = member("m", ALL);
    atHead("m", device);
    fixture.store().fail(MemoryStore.Fault.WRITTEN_BUT_FAILED);
    fixture.send("b");
    loop.settle(random);
    device.read(ALL);
    assertThat(device.broadcasts()).containsExactly("b");
  }

  @Test
  void channel_that_takes_nothing_for_30_seconds_is_closed() {
    FakeDevice device = member("m", 1);
    Session session = atHead("m", device);
    for (int i = 0; i < 2; i++) {
      fixture.send("b" + i);
      loop.settle(random);
      shard.writabilityChanged(session);
      loop.advance(29);
      loop.settle(random);
      reads(session, device);
    }
    loop.advance(29);
    loop.settle(random);
    assertThat(device.closedWith()).isNull();
    fixture.send("last");
    loop.settle(random);
    shard.writabilityChanged(session);
    loop.advance(29);
    loop.settle(random);
    assertThat(device.closedWith()).isNull();
    loop.advance(1);
    loop.settle(random);
    assertThat(device.closedWith()).isEqualTo(CloseCode.TOO_SLOW);
  }

  @Test
  void device_that_is_ahead_of_its_shard_waits_for_it() {
    ManualLoop otherLoop = new ManualLoop();
    FakeDevice device = member("m", ALL);
    Shard other = fixture.shard(otherLoop);
    Session first = atHead("m", device);
    fixture.send("b1");
    loop.settle(random);
    device.read(ALL);
    shard.closed(first);
    device.reconnect();
    Session session = fixture.open(other, "m", device);
    otherLoop.readNow();
    assertThat(other.head()).isLessThan(session.cursor());
    otherLoop.settle(random);
    fixture.send("b2");
    otherLoop.settle(random);
    device.read(ALL);
    assertThat(device.broadcasts()).containsExactly("b1", "b2");
    assertThat(session.atHead()).isTrue();
  }

  @Test
  void device_that_waits_for_a_removal_to_be_seen_is_caught_up_by_it() {
    ManualLoop otherLoop = new ManualLoop();
    FakeDevice device = member("m", ALL);
    var _ = member("leaves", ALL);
    Shard other = fixture.shard(otherLoop);
    fixture.remove("leaves");
    atHead("m", device);
    device.reconnect();
    Session ahead = fixture.open(other, "m", device);
    otherLoop.readNow();
    assertThat(other.head()).isLessThan(ahead.cursor());
    otherLoop.settle(random);
    assertThat(other.head()).isEqualTo(ahead.cursor());
    assertThat(ahead.atHead()).isTrue();
    device.read(ALL);
    assertThat(device.heard().getLast().path("type").asText()).isEqualTo("caught-up");
  }

  @Test
  void catch_up_never_looks_past_the_head_of_the_shard() {
    FakeDevice device = member("m", ALL);
    fixture.send("b");
    Session session = fixture.open(shard, "m", device);
    loop.readNow();
    assertThat(shard.head()).isLessThan(fixture.node().replica().timeline().head());
    assertThat(session.cursor()).isEqualTo(shard.head());
    device.read(ALL);
    assertThat(device.broadcasts()).isEmpty();
    loop.settle(random);
    device.read(ALL);
    assertThat(device.broadcasts()).containsExactly("b");
  }

  @Test
  void session_that_closes_while_its_portion_is_read_is_given_nothing() {
    FakeDevice device = member("m", ALL);
    fixture.send("b");
    loop.settle(random);
    Session session = fixture.open(shard, "m", device);
    shard.closed(session);
    loop.settle(random);
    device.read(ALL);
    assertThat(device.broadcasts()).isEmpty();
    assertThat(session.atHead()).isFalse();
  }

  @Test
  void session_whose_catch_up_cannot_be_read_is_asked_to_come_again() {
    FakeDevice device = member("m", ALL);
    fixture.send("b");
    loop.settle(random);
    Session session = fixture.open(shard, "m", device);
    fixture.store().failReads(true);
    loop.settle(random);
    fixture.store().failReads(false);
    assertThat(device.closedWith()).isEqualTo(CloseCode.OVER_CAPACITY);
    shard.closed(session);
    device.reconnect();
    atHead("m", device);
    assertThat(device.broadcasts()).containsExactly("b");
  }

  @Test
  void pass_that_cannot_be_read_is_tried_again() {
    FakeDevice device = member("m", ALL);
    atHead("m", device);
    fixture.send("b");
    fixture.store().failReads(true);
    loop.settle(random);
    fixture.store().failReads(false);
    device.read(ALL);
    assertThat(device.broadcasts()).isEmpty();
    loop.advance(1);
    loop.settle(random);
    device.read(ALL);
    assertThat(device.broadcasts()).containsExactly("b");
  }

  private RoaringBitmap reached(Receipts receipts, String id) {
    var bits = receipts.bits().get(new Receipts.Key(TestNode.APP, fixture.number(id)));
    return bits == null ? new RoaringBitmap() : bits.reached();
  }

  @Test
  void member_is_reached_when_a_socket_took_all_of_it_at_once_or_later() {
    FakeDevice quick = member("quick", ALL);
    FakeDevice slow = member("slow", ALL);
    quick.takesAtOnce(() -> true);
    Session first = atHead("quick", quick);
    Session second = atHead("slow", slow);
    fixture.send("b1");
    fixture.send("b2");
    loop.settle(random);
    Receipts receipts = shard.takeReceipts();
    for (String id : List.of("b1", "b2")) {
      assertThat(reached(receipts, id)).isEqualTo(bitmap(first));
    }
    slow.read(1);
    assertThat(shard.takeReceipts().isEmpty()).isTrue();
    slow.read(1);
    receipts = shard.takeReceipts();
    for (String id : List.of("b1", "b2")) {
      assertThat(reached(receipts, id)).isEqualTo(bitmap(second));
    }
  }

  private static RoaringBitmap bitmap(Session session) {
    return RoaringBitmap.bitmapOf(session.login().ordinal());
  }

  @Test
  void receipts_taken_in_mid_pass_hold_who_was_reached_so_far_and_later_ones_the_rest() {
    List<FakeDevice> devices = crowd(300);
    devices.forEach(device -> device.takesAtOnce(() -> true));
    fixture.send("b");
    assertThat(loop.step(random)).isTrue();
    RoaringBitmap early = reached(shard.takeReceipts(), "b");
    loop.settle(random);
    RoaringBitmap late = reached(shard.takeReceipts(), "b");
    assertThat(early.getCardinality()).isEqualTo(256);
    assertThat(late.getCardinality()).isEqualTo(44);
    assertThat(RoaringBitmap.intersects(early, late)).isFalse();
  }

  @Test
  void write_of_a_pass_carries_at_most_64_kilobytes() {
    FakeDevice device = member("m", ALL);
    atHead("m", device);
    List<String> ids = IntStream.range(0, 10).mapToObj(i -> "b" + i).toList();
    ids.forEach(id -> fixture.send(id, "x".repeat(20_000)));
    loop.settle(random);
    assertThat(device.writes().subList(2, device.writes().size())).containsExactly(3, 3, 3, 1);
    device.read(ALL);
    assertThat(device.broadcasts()).isEqualTo(ids);
  }

  @Test
  void members_who_are_due_different_notices_of_a_pass_get_theirs() {
    FakeDevice both = member("both", ALL);
    FakeDevice one = member("one", ALL);
    FakeDevice again = member("again", ALL);
    atHead("both", both);
    atHead("one", one);
    atHead("again", again);
    fixture.sendTo("b1", "both", "again");
    fixture.sendTo("b2", "both", "one", "again");
    loop.settle(random);
    List.of(both, one, again).forEach(device -> device.read(ALL));
    assertThat(both.broadcasts()).containsExactly("b1", "b2");
    assertThat(one.broadcasts()).containsExactly("b2");
    assertThat(again.broadcasts()).containsExactly("b1", "b2");
  }

  @Test
  void message_that_cannot_be_rendered_stops_nobody() {
    FakeDevice device = member("m", ALL);
    FakeDevice late = member("late", ALL);
    atHead("m", device);
    fixture.send("before");
    fixture.send(ShardFixture.UNRENDERABLE);
    fixture.send("after");
    loop.settle(random);
    device.read(ALL);
    atHead("late", late);
    assertThat(device.broadcasts()).containsExactly("before", "after");
    assertThat(late.broadcasts()).containsExactly("before", "after");
    assertThat(shard.head()).isEqualTo(fixture.node().replica().timeline().head());
    assertThat(fixture.unrenderable()).isEqualTo(1);
  }

  @Test
  void session_that_cannot_be_written_to_does_not_stop_those_after_it() {
    FakeDevice broken = member("broken", ALL);
    FakeDevice device = member("m", ALL);
    atHead("broken", broken);
    atHead("m", device);
    broken.whileWriting(() -> {
      throw new IllegalStateException("a channel that fails");
    });
    fixture.send("b");
    loop.settle(random);
    device.read(ALL);
    assertThat(device.broadcasts()).containsExactly("b");
    assertThat(broken.closedWith()).isEqualTo(CloseCode.OVER_CAPACITY);
  }
}
