package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.TestNode;
import dev.fanfare.journal.Position;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/// What counts as delivered when a device says how far it has come.
final class AcknowledgementTest {
  private static final int ALL = Integer.MAX_VALUE;
  private static final Duration LIFETIME = Duration.ofMinutes(1);

  private final Random random = new Random(1);
  private final ManualLoop loop = new ManualLoop();
  private final ShardFixture fixture = new ShardFixture();
  private final Shard shard = fixture.shard(loop);

  @AfterEach
  void close() {
    fixture.close();
  }

  private FakeDevice member(String id) {
    var _ = fixture.node().register(id);
    loop.settle(random);
    return new FakeDevice(ALL);
  }

  private Session atHead(String member, FakeDevice device) {
    Session session = fixture.open(shard, member, device);
    for (int i = 0; i < 4; i++) {
      loop.settle(random);
      device.read(ALL);
      shard.writabilityChanged(session);
    }
    assertThat(session.atHead()).isTrue();
    return session;
  }

  private static Position said(FakeDevice device) {
    return Position.parse(String.valueOf(device.cursor())).orElseThrow();
  }

  /// Has the device say how far it has come.
  private void acknowledges(Session session, FakeDevice device) {
    shard.acknowledge(session, said(device));
    loop.settle(random);
  }

  private RoaringBitmap delivered(Receipts receipts, String id) {
    return bits(receipts, id).delivered();
  }

  private Receipts.Bits bits(Receipts receipts, String id) {
    Receipts.Key key = new Receipts.Key(TestNode.APP, fixture.number(id));
    return receipts.bits().getOrDefault(key, new Receipts.Bits());
  }

  private Receipts claimed() {
    Claims claims = fixture.catchUp().claims();
    return claims.delivered(claims.take());
  }

  private void journal(Receipts receipts) {
    ReceiptJournal.commands(receipts).forEach(fixture.node()::propose);
  }

  private static RoaringBitmap only(Session session) {
    return RoaringBitmap.bitmapOf(session.login().ordinal());
  }

  /// Sends to a phone whose socket takes it and that never reads it.
  private void reachDeadPhone(String id, Duration lifetime) {
    FakeDevice dead = new FakeDevice(ALL);
    dead.takesAtOnce(() -> true);
    Session session = atHead("m", dead);
    fixture.send(id, lifetime);
    loop.settle(random);
    shard.closed(session);
    assertThat(bits(shard.takeReceipts(), id).reached()).isEqualTo(only(session));
  }

  @Test
  void what_was_over_before_the_device_came_is_not_what_it_acknowledges() {
    FakeDevice device = member("m");
    reachDeadPhone("expired", LIFETIME);
    reachDeadPhone("recalled", Duration.ofDays(1));
    reachDeadPhone("lives", Duration.ofDays(1));
    fixture.clock().advance(LIFETIME);
    fixture.recall("recalled");
    Session session = atHead("m", device);
    assertThat(device.broadcasts()).containsExactly("lives");
    acknowledges(session, device);
    Receipts receipts = shard.takeReceipts();
    assertThat(delivered(receipts, "expired").isEmpty()).isTrue();
    assertThat(delivered(receipts, "recalled").isEmpty()).isTrue();
    assertThat(delivered(receipts, "lives")).isEqualTo(only(session));
  }

  @Test
  void what_was_over_is_not_claimed_by_a_position_after_it() {
    FakeDevice device = member("m");
    reachDeadPhone("expired", LIFETIME);
    reachDeadPhone("recalled", Duration.ofDays(1));
    fixture.clock().advance(LIFETIME);
    fixture.recall("recalled");
    Session first = atHead("m", device);
    fixture.send("lives");
    loop.settle(random);
    device.read(ALL);
    shard.closed(first);
    device.reconnect();
    Session second = atHead("m", device);
    Receipts receipts = claimed();
    assertThat(delivered(receipts, "expired").isEmpty()).isTrue();
    assertThat(delivered(receipts, "recalled").isEmpty()).isTrue();
    assertThat(delivered(receipts, "lives")).isEqualTo(only(second));
  }

  @Test
  void what_the_connection_gave_the_device_counts_although_it_is_over_by_then() {
    FakeDevice device = member("m");
    fixture.send("missed", LIFETIME);
    loop.settle(random);
    Session session = atHead("m", device);
    fixture.send("live", LIFETIME);
    fixture.send("recalled");
    loop.settle(random);
    fixture.clock().advance(LIFETIME);
    fixture.recall("recalled");
    loop.settle(random);
    device.read(ALL);
    acknowledges(session, device);
    Receipts receipts = shard.takeReceipts();
    for (String id : device.broadcasts()) {
      assertThat(delivered(receipts, id)).as(id).isEqualTo(only(session));
    }
    assertThat(device.broadcasts()).containsExactly("missed", "live", "recalled");
  }

  @Test
  void what_only_those_heard_who_were_connected_is_not_acknowledged_by_who_came_later() {
    FakeDevice device = member("m");
    reachDeadPhone("momentary", Duration.ZERO);
    Session session = atHead("m", device);
    assertThat(device.broadcasts()).isEmpty();
    fixture.send("heard", Duration.ZERO);
    loop.settle(random);
    device.read(ALL);
    acknowledges(session, device);
    Receipts receipts = shard.takeReceipts();
    assertThat(delivered(receipts, "momentary").isEmpty()).isTrue();
    assertThat(delivered(receipts, "heard")).isEqualTo(only(session));
  }

  @Test
  void what_ended_while_the_device_came_is_not_what_it_acknowledges() {
    FakeDevice device = member("m");
    reachDeadPhone("b", LIFETIME);
    Session session = fixture.open(shard, "m", device);
    fixture.clock().advance(LIFETIME);
    loop.settle(random);
    device.read(ALL);
    assertThat(device.broadcasts()).isEmpty();
    acknowledges(session, device);
    assertThat(delivered(shard.takeReceipts(), "b").isEmpty()).isTrue();
  }

  @Test
  void what_was_over_before_a_gap_is_not_acknowledged_after_it() {
    FakeDevice device = member("m");
    reachDeadPhone("b", LIFETIME);
    fixture.clock().advance(LIFETIME);
    var admitted = (Connecting.Admitted) fixture.judge("m", device);
    Session.Start start = new Session.Start(shard.head(), 0, "a position of a lost history");
    Session session = new Session(device, admitted.login(), start, shard.head());
    shard.open(session, start, fixture.clock().millis());
    loop.settle(random);
    device.read(ALL);
    acknowledges(session, device);
    assertThat(delivered(shard.takeReceipts(), "b").isEmpty()).isTrue();
  }

  @Test
  void what_a_pass_came_too_late_for_is_not_acknowledged() {
    FakeDevice device = member("m");
    Session session = atHead("m", device);
    fixture.send("b");
    fixture.clock().advance(Duration.ofSeconds(1));
    fixture.recall("b");
    loop.settle(random);
    device.read(ALL);
    assertThat(device.broadcasts()).isEmpty();
    acknowledges(session, device);
    assertThat(delivered(shard.takeReceipts(), "b").isEmpty()).isTrue();
  }

  @Test
  void acknowledgements_that_come_faster_than_they_are_taken_in_wait_as_one() {
    FakeDevice device = member("m");
    Session session = atHead("m", device);
    List<String> ids = List.of("b1", "b2", "b3");
    for (String id : ids) {
      fixture.send(id);
      while (!device.broadcasts().contains(id)) {
        assertThat(loop.step(random)).isTrue();
        device.read(ALL);
      }
      shard.acknowledge(session, said(device));
      shard.acknowledge(session, said(device));
      assertThat(loop.reads()).isLessThanOrEqualTo(1);
    }
    loop.settle(random);
    Receipts receipts = shard.takeReceipts();
    for (String id : ids) {
      assertThat(delivered(receipts, id)).as(id).isEqualTo(only(session));
    }
    assertThat(session.acknowledged()).isEqualTo(said(device).offset());
  }

  @Test
  void acknowledgement_whose_releases_could_not_be_read_is_taken_again() {
    FakeDevice device = member("m");
    Session session = atHead("m", device);
    fixture.send("b");
    loop.settle(random);
    device.read(ALL);
    fixture.store().failReads(true);
    acknowledges(session, device);
    fixture.store().failReads(false);
    assertThat(device.closedWith()).isEqualTo(CloseCode.OVER_CAPACITY);
    shard.closed(session);
    device.reconnect();
    atHead("m", device);
    assertThat(delivered(claimed(), "b")).isEqualTo(only(session));
  }

  @Test
  void what_a_device_came_with_counts_only_once_it_was_taken_in() {
    FakeDevice device = member("m");
    Session first = atHead("m", device);
    fixture.send("b");
    loop.settle(random);
    device.read(ALL);
    shard.closed(first);
    Receipts reached = shard.takeReceipts();
    device.reconnect();
    shard.closed(fixture.open(shard, "m", device));
    device.reconnect();
    Session second = atHead("m", device);
    Receipts claimed = claimed();
    assertThat(delivered(claimed, "b")).isEqualTo(only(second));
    journal(reached);
    journal(claimed);
    assertThat(claimed().isEmpty()).isTrue();
    shard.closed(second);
    device.reconnect();
    atHead("m", device);
    assertThat(fixture.catchUp().claims().take())
        .as("what is known is not claimed again")
        .isEmpty();
  }

  /// A device that has a broadcast and comes to a node that does not know yet that it was reached.
  private Session comesTooEarly(FakeDevice device, Receipts reached) {
    Session first = atHead("m", device);
    fixture.send("b");
    loop.settle(random);
    device.read(ALL);
    shard.closed(first);
    reached.addAll(shard.takeReceipts());
    device.reconnect();
    Session second = atHead("m", device);
    journal(claimed());
    assertThat(isDelivered(second)).isFalse();
    return second;
  }

  private boolean isDelivered(Session session) {
    return fixture
        .node()
        .replica()
        .broadcasts()
        .isDelivered(fixture.number("b"), session.login().ordinal());
  }

  @Test
  void what_was_claimed_too_early_counts_soon_after_another_node_told_whom_it_reached() {
    FakeDevice device = member("m");
    Receipts reached = new Receipts();
    Session session = comesTooEarly(device, reached);
    journal(reached);
    journal(claimed());
    assertThat(isDelivered(session)).isTrue();
    assertThat(claimed().isEmpty()).isTrue();
    assertThat(fixture.catchUp().claims().take()).isEmpty();
  }

  @Test
  void what_was_claimed_too_early_is_claimed_again_when_the_device_comes_back() {
    FakeDevice device = member("m");
    Receipts reached = new Receipts();
    Session session = comesTooEarly(device, reached);
    fixture.send("later");
    loop.settle(random);
    device.read(ALL);
    acknowledges(session, device);
    for (int look = 1; look < Claims.LOOKS; look++) {
      journal(claimed());
    }
    assertThat(fixture.catchUp().claims().take()).as("given up").isEmpty();
    shard.closed(session);
    journal(reached);
    device.reconnect();
    journal(shard.takeReceipts());
    Session back = atHead("m", device);
    journal(claimed());
    assertThat(isDelivered(back)).isTrue();
  }
}
