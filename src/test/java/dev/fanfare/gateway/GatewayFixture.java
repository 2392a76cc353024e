package dev.fanfare.gateway;

import com.google.protobuf.ByteString;
import dev.fanfare.TestNode;
import dev.fanfare.app.App;
import dev.fanfare.app.DeviceTokens;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.broadcast.Timers;
import dev.fanfare.http.TrustedProxies;
import dev.fanfare.schema.ChangeApp;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.Origins;
import dev.fanfare.schema.Recall;
import dev.fanfare.schema.RemoveMember;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.volcengine.VolcengineMessage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// A gateway on a free port over a node in memory, with timers, on real clocks.
final class GatewayFixture implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Clock wall = Clock.systemUTC();
  private final MemoryStore store = new MemoryStore();
  private final TestNode node = TestNode.start(store, wall);
  private final Timers timers =
      new Timers(node.replica().timeline(), node.journal(), node.journal()::time);
  private final Gateway gateway;
  private boolean gatewayClosed;

  GatewayFixture() {
    this(Gateway.Edge.STANDARD);
  }

  GatewayFixture(Gateway.Edge edge) {
    this(1_000, 2, edge);
  }

  GatewayFixture(int maxConnections, int shards) {
    this(maxConnections, shards, Gateway.Edge.STANDARD);
  }

  private GatewayFixture(int maxConnections, int shards, Gateway.Edge edge) {
    this(settings(maxConnections, shards, edge, null));
  }

  private static Gateway.Settings settings(
      int maxConnections, int shards, Gateway.Edge edge, @Nullable SSLContext tls) {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    return new Gateway.Settings(
        new InetSocketAddress(loopback, 0), maxConnections, shards, edge, tls);
  }

  /// One that speaks TLS.
  static GatewayFixture encrypted(SSLContext tls, Gateway.Edge edge) {
    return new GatewayFixture(settings(1_000, 2, edge, tls));
  }

  private GatewayFixture(Gateway.Settings settings) {
    gateway =
        new Gateway(
            settings,
            node.replica(),
            node.journal(),
            Map.of(
                Format.NATIVE,
                Broadcast::message,
                Format.VOLCENGINE,
                sent ->
                    VolcengineMessage.deliver(
                        sent.message(), sent.messageNumber(), sent.created())));
  }

  /// The standard on another transport.
  static Gateway.Edge edge(Transport transport) {
    return new Gateway.Edge(transport, TrustedProxies.NONE, GatewayLimits.STANDARD, false);
  }

  /// With these limits.
  static Gateway.Edge edge(GatewayLimits limits) {
    return new Gateway.Edge(Transport.AUTO, TrustedProxies.NONE, limits, false);
  }

  /// Allows the pages of some origins.
  void allow(String... origins) {
    Origins.Builder allowed = Origins.newBuilder().addAllValues(List.of(origins));
    var _ =
        node.propose(command().setChangeApp(ChangeApp.newBuilder().setOrigins(allowed)).build());
  }

  TestNode node() {
    return node;
  }

  MemoryStore store() {
    return store;
  }

  Gateway gateway() {
    return gateway;
  }

  /// A token that is valid for a minute.
  String token(String member) {
    return token(node.app(), member, 60);
  }

  String token(App app, String member, long seconds) {
    long now = wall.millis() / 1_000;
    return DeviceTokens.mint(app, new DeviceTokens.Claims(member, now, now + seconds));
  }

  /// The request target of a member's device.
  ///
  /// @param more further parameters, such as `&device=a`
  String target(String member, String more) {
    return "/ws?app=demo&token=" + token(member) + more;
  }

  /// Connects a device of a member.
  DeviceClient connect(String member, String... more) {
    return DeviceClient.open(gateway.port(), target(member, String.join("", more)));
  }

  /// Connects a device and lets it hear everything up to and with `caught-up`.
  DeviceClient connected(String member, String... more) {
    DeviceClient device = connect(member, more);
    device.next("caught-up");
    return device;
  }

  RawClient raw() {
    return new RawClient(gateway.port());
  }

  /// Sends to everyone, in the native format, for an hour.
  void send(String id) {
    send(id, broadcast -> broadcast);
  }

  void send(String id, UnaryOperator<StartBroadcast.Builder> changed) {
    StartBroadcast.Builder broadcast =
        StartBroadcast.newBuilder()
            .setId(id)
            .setSender("ops")
            .setFormat(Format.NATIVE)
            .setMessage(ByteString.copyFromUtf8("{\"body\":\"" + id + "\"}"))
            .setLifetimeSeconds(3_600)
            .setAudience(AudienceSchema.encode(new Audience.Everyone()));
    var _ = node.propose(command().setStartBroadcast(changed.apply(broadcast)).build());
  }

  void recall(String id) {
    Recall.Builder recall = Recall.newBuilder().setBroadcast(broadcast(id).number());
    var _ = node.propose(command().setRecall(recall).build());
  }

  void remove(String member) {
    var _ =
        node.propose(
            TestNode.change(
                MemberChange.newBuilder()
                    .setId(member)
                    .setRemove(RemoveMember.getDefaultInstance())));
  }

  private static Command.Builder command() {
    return Command.newBuilder().setApp(TestNode.APP);
  }

  Broadcast broadcast(String id) {
    return node.replica().broadcast(node.app(), id).orElseThrow();
  }

  Broadcast.Counters counters(String id) {
    return broadcast(id).counters();
  }

  /// Waits until something is so.
  static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("never: " + what);
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  /// Closes the gateway ahead of the rest.
  void closeGateway() {
    gatewayClosed = true;
    gateway.close();
  }

  @Override
  public void close() {
    if (!gatewayClosed) {
      closeGateway();
    }
    timers.close();
    node.close();
  }
}
