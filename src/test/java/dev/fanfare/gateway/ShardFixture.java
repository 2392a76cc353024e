package dev.fanfare.gateway;

import com.google.protobuf.ByteString;
import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.app.DeviceTokens;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.broadcast.Due;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.RemoveMember;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.store.MemoryStore;
import java.util.Map;

/// Shards on loops that are run by hand, over a node in memory.
final class ShardFixture implements AutoCloseable {
  private final TestClock clock = new TestClock();
  private final MemoryStore store = new MemoryStore();
  private final TestNode node = TestNode.start(store, clock);
  private final Connecting connecting = new Connecting(node.replica(), clock);
  private final Shard.Delivering delivering = delivering();

  private Shard.Delivering delivering() {
    var replica = node.replica();
    Frames frames = new Frames(replica, Map.of(Format.NATIVE, stored -> stored.message()));
    Due due = new Due(replica.timeline(), replica.broadcasts(), clock);
    return new Shard.Delivering(
        replica.timeline(),
        replica.broadcasts(),
        due,
        frames,
        new CatchUp(replica.timeline(), replica.broadcasts(), due, frames),
        new Devices(),
        connecting::isRegistered);
  }

  TestNode node() {
    return node;
  }

  TestClock clock() {
    return clock;
  }

  MemoryStore store() {
    return store;
  }

  /// One more shard of this node.
  Shard shard(ManualLoop loop) {
    Shard made = new Shard(loop, loop::read, delivering);
    node.replica().timeline().listen(made::wake);
    return made;
  }

  /// What the gateway thinks of a member's device that says where it stands.
  Connecting.Judgement judge(String member, FakeDevice device) {
    long seconds = clock.millis() / 1_000;
    String token =
        DeviceTokens.mint(node.app(), new DeviceTokens.Claims(member, seconds, seconds + 60));
    return connecting.judge(new Connecting.Claim("demo", token, "phone", device.cursor(), null));
  }

  /// The session of a device that just completed its handshake; its shard does not know it yet.
  Session open(Shard shard, String member, FakeDevice device) {
    var admitted = (Connecting.Admitted) judge(member, device);
    Session session = new Session(device, admitted.login(), admitted.start(), shard.head());
    shard.open(session, admitted.start(), clock.millis());
    return session;
  }

  /// Sends to everyone.
  void send(String id) {
    var _ =
        node.propose(
            Command.newBuilder()
                .setApp(TestNode.APP)
                .setStartBroadcast(
                    StartBroadcast.newBuilder()
                        .setId(id)
                        .setSender("ops")
                        .setFormat(Format.NATIVE)
                        .setMessage(ByteString.copyFromUtf8("{\"body\":\"" + id + "\"}"))
                        .setLifetimeSeconds(100_000)
                        .setAudience(AudienceSchema.encode(new Audience.Everyone())))
                .build());
  }

  void remove(String member) {
    var _ =
        node.propose(
            TestNode.change(
                MemberChange.newBuilder()
                    .setId(member)
                    .setRemove(RemoveMember.getDefaultInstance())));
  }

  @Override
  public void close() {
    node.close();
  }
}
