package dev.fanfare.gateway;

import com.google.protobuf.ByteString;
import dev.fanfare.TestNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.schema.Bootstrap;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.StartBroadcast;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Processor time of one session that comes back, from its first frame to `caught-up`, with 10,000
/// live broadcasts of which 3 are due to its member, all of them among the last 100 releases,
/// behind which its cursor stands. Without the handshake and the socket.
///
/// A plain program, because it has to count what runs beside the event loop as well: here all of it
/// runs on one thread. Prints microseconds per session, medians of the rounds after a warm-up:
///
/// - `first`: the node has not seen the member since it was started, and so looks once at all that
///   its cursor acknowledges, for 200 members who come in the same second;
/// - `alone`: the same for a member who comes alone;
/// - `again`: it has seen the member.
final class CatchUpBenchmark {
  private static final int LIVE = 10_000;
  private static final int AFTER_CURSOR = 100;
  private static final int OTHERS = 2_000;
  private static final int MEMBERS = 200;
  private static final int WARM_UP = 10;
  private static final int ROUNDS = WARM_UP + 10;

  private final Random random = new Random(1);
  private final ManualLoop loop = new ManualLoop();
  private final ShardFixture fixture = new ShardFixture(firstCommand());
  private final Shard shard = fixture.shard(loop);
  private int frames;

  private CatchUpBenchmark() {}

  public static void main(String[] arguments) {
    new CatchUpBenchmark().run();
  }

  private static Command firstCommand() {
    Bootstrap.Builder bootstrap = TestNode.bootstrap().getBootstrap().toBuilder();
    bootstrap.getAppBuilder().getLimitsBuilder().setLiveBroadcasts(LIVE);
    return Command.newBuilder().setBootstrap(bootstrap).build();
  }

  /// Takes everything at once.
  private final class Sink implements DeviceChannel {
    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public boolean write(Bundle bundle, Runnable reachedLater) {
      frames += bundle.frames().size();
      return true;
    }

    @Override
    public void ping() {}

    @Override
    public void close(CloseCode why) {
      throw new IllegalStateException("closed: " + why);
    }
  }

  private void run() {
    for (int i = 0; i < ROUNDS * (MEMBERS + 1); i++) {
      var _ = fixture.node().register("m" + i);
    }
    for (int i = 0; i < OTHERS; i++) {
      var _ = fixture.node().register("other" + i, "others");
    }
    long cursor = 0;
    for (int i = 0; i < LIVE; i++) {
      if (i == LIVE - AFTER_CURSOR) {
        loop.settle(random);
        cursor = shard.head();
      }
      int fromEnd = LIVE - i;
      boolean due = fromEnd == 90 || fromEnd == 50 || fromEnd == 10;
      send("b" + i, due ? new Audience.Everyone() : new Audience.Tag("others"));
    }
    loop.settle(random);
    print("first", rounds(cursor, new Round(0, MEMBERS, 1)));
    print("alone", rounds(cursor, new Round(ROUNDS * MEMBERS, 1, 1)));
    print("again", rounds(cursor, new Round(0, MEMBERS, 50)));
    fixture.close();
  }

  private void send(String id, Audience audience) {
    var _ =
        fixture
            .node()
            .propose(
                Command.newBuilder()
                    .setApp(TestNode.APP)
                    .setStartBroadcast(
                        StartBroadcast.newBuilder()
                            .setId(id)
                            .setSender("ops")
                            .setFormat(Format.NATIVE)
                            .setMessage(ByteString.copyFromUtf8("{\"body\":\"" + id + "\"}"))
                            .setLifetimeSeconds(100_000)
                            .setAudience(AudienceSchema.encode(audience)))
                    .build());
  }

  private static void print(String what, double[] micros) {
    double[] warm = Arrays.copyOfRange(micros, WARM_UP, ROUNDS);
    Arrays.sort(warm);
    System.out.printf("%s %.1f us per session%n", what, warm[warm.length / 2]);
  }

  /// So many members, the first of them with this number, who connect some times.
  private record Round(int first, int members, int times) {}

  /// Microseconds per session, for each round, of members who are others in each.
  private double[] rounds(long cursor, Round what) {
    Claims claims = fixture.catchUp().claims();
    double[] micros = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      List<Session.Login> members = new ArrayList<>();
      for (int i = 0; i < what.members(); i++) {
        members.add(login("m" + (what.first() + round * what.members() + i)));
      }
      long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      for (int i = 0; i < what.times(); i++) {
        members.forEach(member -> connect(member, cursor));
      }
      var _ = claims.delivered(claims.take());
      long spent = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
      micros[round] = spent / 1e3 / (what.members() * what.times());
    }
    return micros;
  }

  private void connect(Session.Login member, long cursor) {
    Session.Start start = new Session.Start(cursor, 0, null);
    Session session = new Session(new Sink(), member, start, shard.head());
    frames = 0;
    shard.open(session, start, 0);
    loop.settle(random);
    if (frames != 5 || !session.atHead()) {
      throw new IllegalStateException(frames + " frames instead of hello, 3 and caught-up");
    }
    shard.closed(session);
    var _ = shard.takeReceipts();
  }

  private Session.Login login(String member) {
    if (fixture.judge(member, new FakeDevice()) instanceof Connecting.Admitted admitted) {
      return admitted.login();
    }
    throw new IllegalStateException("the member is registered");
  }
}
