package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.TestNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/// A pass that ends in an error, such as memory for a socket that ran out: the shard goes on a
/// second later, and nobody hears anything twice or misses anything.
final class FailedPassTest {
  private static final int ALL = 1_000;

  private final Random random = new Random(1);
  private final ManualLoop loop = new ManualLoop();
  private final ShardFixture fixture = new ShardFixture();
  private final Shard shard = fixture.shard(loop);

  @AfterEach
  void close() {
    fixture.close();
  }

  private static void fail() {
    throw new InternalError("planted");
  }

  private List<FakeDevice> atHead(int members) {
    List<FakeDevice> devices = new ArrayList<>();
    for (int i = 0; i < members; i++) {
      var _ = fixture.node().register("m" + i);
      loop.settle(random);
      devices.add(new FakeDevice(ALL));
      var _ = fixture.open(shard, "m" + i, devices.getLast());
      loop.settle(random);
    }
    return devices;
  }

  @Test
  void error_in_a_write_costs_that_session_alone_and_the_others_a_second() {
    List<FakeDevice> devices = atHead(40);
    AtomicInteger writes = new AtomicInteger();
    devices.forEach(device -> {
      device.takesAtOnce(() -> true);
      device.whileWriting(() -> {
        if (writes.incrementAndGet() == 20) {
          fail();
        }
      });
      device.read(ALL);
    });
    fixture.send("b1");
    loop.settle(random);
    assertThat(writes).hasValue(20);
    Receipts.Key b1 = new Receipts.Key(TestNode.APP, fixture.number("b1"));
    RoaringBitmap before = Objects.requireNonNull(shard.takeReceipts().bits().get(b1)).reached();
    assertThat(before.getCardinality()).as("who was reached is reported").isEqualTo(19);
    fixture.send("b2");
    loop.settle(random);
    loop.advance(1);
    loop.settle(random);
    List<FakeDevice> closed =
        devices.stream().filter(device -> device.closedWith() != null).toList();
    assertThat(closed).hasSize(1);
    assertThat(closed.getFirst().closedWith()).isEqualTo(CloseCode.OVER_CAPACITY);
    for (FakeDevice device : devices) {
      device.read(ALL);
      if (device.closedWith() == null) {
        assertThat(device.broadcasts()).containsExactly("b1", "b2");
      }
    }
    assertThat(shard.head()).isEqualTo(fixture.node().replica().timeline().head());
  }

  @Test
  void error_while_a_session_joins_costs_that_session_alone() {
    List<FakeDevice> devices = atHead(1);
    var _ = fixture.node().register("joining");
    FakeDevice joining = new FakeDevice(ALL);
    fixture.send("b1");
    var _ = fixture.open(shard, "joining", joining);
    joining.whileWriting(FailedPassTest::fail);
    loop.settle(random);
    assertThat(joining.closedWith()).isEqualTo(CloseCode.OVER_CAPACITY);
    fixture.send("b2");
    loop.settle(random);
    devices.getFirst().read(ALL);
    assertThat(devices.getFirst().broadcasts()).containsExactly("b1", "b2");
  }

  @Test
  void error_in_the_greeting_closes_the_session() {
    var _ = fixture.node().register("m");
    loop.settle(random);
    FakeDevice device = new FakeDevice(ALL);
    device.whileWriting(FailedPassTest::fail);
    var _ = fixture.open(shard, "m", device);
    loop.settle(random);
    assertThat(device.closedWith()).isEqualTo(CloseCode.OVER_CAPACITY);
  }
}
