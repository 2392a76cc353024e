package dev.fanfare.gateway;

import com.google.protobuf.ByteString;
import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.app.DeviceTokens;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.broadcast.Due;
import dev.fanfare.schema.ChangeMembers;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.Recall;
import dev.fanfare.schema.Release;
import dev.fanfare.schema.RemoveMember;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.store.MemoryStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Shards on loops that are run by hand, over a node in memory.
final class ShardFixture implements AutoCloseable {
  /// What its sessions' ids begin with.
  static final String NODE = "here";

  private static final int PER_COMMAND = 1_000;

  private final TestClock clock = new TestClock();
  private final MemoryStore store = new MemoryStore();
  private final TestNode node;
  private final Connecting connecting;
  private final Devices devices = new Devices(NODE, 8);
  private final Delivering delivering;

  ShardFixture() {
    this(TestNode.bootstrap());
  }

  /// @param first the first command of the journal
  ShardFixture(Command first) {
    node = TestNode.start(store, clock, first);
    connecting =
        new Connecting(
            new Connecting.Ground(NODE, node.replica(), () -> true, clock),
            new LogIns(node.journal(), System::nanoTime));
    delivering = delivering();
  }

  private Delivering delivering() {
    var replica = node.replica();
    Frames frames = new Frames(replica, Map.of(Format.NATIVE, ShardFixture::render));
    Broadcasts uncached = new Broadcasts(store);
    Due due = new Due(replica.timeline(), uncached, clock);
    return new Delivering(
        replica.timeline(),
        replica.broadcasts(),
        due,
        frames,
        new CatchUp(replica.timeline(), uncached, due, frames),
        devices,
        connecting::isRegistered);
  }

  /// Broadcasts whose id begins so cannot be rendered.
  static final String UNRENDERABLE = "unrenderable";

  private static byte[] render(Broadcast broadcast) {
    if (broadcast.id().startsWith(UNRENDERABLE)) {
      throw new IllegalStateException("a message that cannot be rendered");
    }
    return broadcast.message();
  }

  /// How many broadcasts were left out.
  int unrenderable() {
    return delivering.frames().unrenderable();
  }

  TestNode node() {
    return node;
  }

  TestClock clock() {
    return clock;
  }

  Connecting connecting() {
    return connecting;
  }

  Devices devices() {
    return devices;
  }

  CatchUp catchUp() {
    return delivering.catchUp();
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
    return open(shard, (Connecting.Admitted) judge(member, device), device);
  }

  Session open(Shard shard, Connecting.Claim claim, FakeDevice device) {
    return open(shard, (Connecting.Admitted) connecting.judge(claim), device);
  }

  private Session open(Shard shard, Connecting.Admitted admitted, FakeDevice device) {
    Session session = new Session(device, admitted.login(), admitted.start(), shard.head());
    shard.open(session, admitted.start(), clock.millis());
    return session;
  }

  /// Sends to everyone.
  void send(String id) {
    send(id, id);
  }

  /// Sends to some members.
  void sendTo(String id, String... members) {
    send(id, id, new Audience.Members(List.of(members)));
  }

  /// Sends a text to everyone.
  void send(String id, String body) {
    send(id, body, new Audience.Everyone());
  }

  private void send(String id, String body, Audience audience) {
    send(broadcast(id, body, audience));
  }

  /// Sends to everyone what lives for so long.
  void send(String id, Duration lifetime) {
    send(broadcast(id, id, new Audience.Everyone()).setLifetimeSeconds(lifetime.toSeconds()));
  }

  private void send(StartBroadcast.Builder broadcast) {
    var _ =
        node.propose(
            Command.newBuilder().setApp(TestNode.APP).setStartBroadcast(broadcast).build());
  }

  /// Sends to some members, one in a slice, the lowest ordinal first; the first slice is released.
  void sendPaced(String id, String... members) {
    send(broadcast(id, id, new Audience.Members(List.of(members))).setPace(1).setPivot(0));
  }

  /// The same, due only to who is connected.
  void sendMomentary(String id, String... members) {
    send(
        broadcast(id, id, new Audience.Members(List.of(members)))
            .setPace(1)
            .setPivot(0)
            .setLifetimeSeconds(0));
  }

  /// Releases the next slice of a broadcast, which is this one, when a second has passed.
  void release(String id, int slice) {
    clock.advance(Duration.ofSeconds(1));
    Release.Builder release = Release.newBuilder().setBroadcast(number(id)).setSlice(slice);
    var _ = node.propose(Command.newBuilder().setApp(TestNode.APP).setRelease(release).build());
  }

  private static StartBroadcast.Builder broadcast(String id, String body, Audience audience) {
    return StartBroadcast.newBuilder()
        .setId(id)
        .setSender("ops")
        .setFormat(Format.NATIVE)
        .setMessage(ByteString.copyFromUtf8("{\"body\":\"" + body + "\"}"))
        .setLifetimeSeconds(100_000)
        .setAudience(AudienceSchema.encode(audience));
  }

  void recall(String id) {
    Recall.Builder recall = Recall.newBuilder().setBroadcast(number(id));
    var _ = node.propose(Command.newBuilder().setApp(TestNode.APP).setRecall(recall).build());
  }

  /// The number of a broadcast.
  long number(String id) {
    return node.replica().broadcast(node.app(), id).orElseThrow().number();
  }

  /// Registers so many members on a node that has none: `m7` has ordinal 7.
  void register(int members) {
    for (int from = 0; from < members; from += PER_COMMAND) {
      ChangeMembers.Builder some = ChangeMembers.newBuilder();
      for (int i = from; i < Math.min(from + PER_COMMAND, members); i++) {
        some.addChanges(
            MemberChange.newBuilder().setId("m" + i).setRegister(MemberEdit.getDefaultInstance()));
      }
      var _ =
          node.propose(Command.newBuilder().setApp(TestNode.APP).setChangeMembers(some).build());
    }
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
