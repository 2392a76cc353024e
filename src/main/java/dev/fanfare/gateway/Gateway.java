package dev.fanfare.gateway;

import dev.fanfare.app.Mint;
import dev.fanfare.broadcast.Due;
import dev.fanfare.broadcast.Timeline;
import dev.fanfare.http.TrustedProxies;
import dev.fanfare.journal.Journal;
import dev.fanfare.member.LocalPresence;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.Format;
import dev.fanfare.store.StoreException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The port that devices connect to: accepts, judges, and gives each connection to the shard of its
/// event loop.
public final class Gateway implements AutoCloseable {
  private static final int BACKLOG = 1_024;

  /// Characters of the name of a run of a node, so that no two are ever the same.
  private static final int NAME = 12;

  private static final Duration GOODBYES = Duration.ofSeconds(3);
  private static final Logger log = LoggerFactory.getLogger(Gateway.class);

  private final Replica replica;
  private final Clock wall;
  private final Connecting connecting;
  private final Devices devices;
  private final EventLoopGroup loops;
  private final Map<EventExecutor, Entrance.Place> places = new HashMap<>();
  private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();
  private final ReceiptJournal receipts;
  private final Entrance entrance;
  private final Accepting accepting;
  private final Channel listening;

  /// What a gateway is told.
  ///
  /// @param maxConnections more are refused with 503, a thousand at once, and then cut off
  /// @param shards event loops, each on a thread of its own
  /// @param tls what handshakes are made with; null for plain text
  public record Settings(
      InetSocketAddress address,
      int maxConnections,
      int shards,
      Edge edge,
      @Nullable SSLContext tls) {

    /// In plain text.
    Settings(InetSocketAddress address, int maxConnections, int shards, Edge edge) {
      this(address, maxConnections, shards, edge, null);
    }
  }

  /// Whom it lets in and what it stands on.
  ///
  /// @param dev whether pages of this machine may connect, and its address has no limits of its own
  public record Edge(
      Transport transport, TrustedProxies trustedProxies, GatewayLimits limits, boolean dev) {

    /// What a node has that was told nothing.
    public static final Edge STANDARD =
        new Edge(Transport.AUTO, TrustedProxies.NONE, GatewayLimits.STANDARD, false);
  }

  /// Starts listening.
  ///
  /// @param forms how the message of each format is rendered
  /// @throws UncheckedIOException when the address cannot be listened on
  public Gateway(
      Settings settings, Replica replica, Journal journal, Map<Format, MessageForm> forms) {
    this.replica = replica;
    this.wall = Clock.systemUTC();
    String node = new Mint(new SecureRandom()).text(NAME);
    this.connecting =
        new Connecting(
            new Connecting.Ground(node, replica, journal::barrier, wall),
            new LogIns(journal, System::nanoTime));
    Edge edge = settings.edge();
    this.devices = new Devices(node, edge.limits().devicesPerMember());
    this.loops = new MultiThreadIoEventLoopGroup(settings.shards(), edge.transport().loops());
    Delivering delivering = delivering(forms);
    makePlaces(delivering, edge.limits().times());
    Timeline timeline = replica.timeline();
    timeline.listen(() -> places.values().forEach(place -> place.shard().wake()));
    Claims claims = delivering.catchUp().claims();
    this.receipts = new ReceiptJournal(journal, taker -> giveReceipts(claims, taker));
    AllowedOrigins origins = new AllowedOrigins(replica::tenants, edge.dev());
    ReceiptsByPost posted = new ReceiptsByPost(replica, delivering.catchUp(), receipts);
    this.entrance =
        new Entrance(new Entrance.Judging(connecting, origins, posted), places, readers, wall);
    this.accepting = new Accepting(settings, entrance, readers);
    this.listening = listen(settings);
  }

  private Channel listen(Settings settings) {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(settings.edge().transport().listener())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(accepting)
            .bind(settings.address())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      receipts.close();
      stopLoops();
      throw new UncheckedIOException(
          "cannot listen on " + settings.address(),
          new BindException("the address is in use or not ours"));
    }
    return bound.channel();
  }

  private Delivering delivering(Map<Format, MessageForm> forms) {
    Timeline timeline = replica.timeline();
    Frames frames = new Frames(replica, forms);
    Due due = new Due(timeline, replica.broadcasts(), wall);
    return new Delivering(
        timeline,
        replica.broadcasts(),
        due,
        frames,
        new CatchUp(timeline, replica.broadcasts(), due, frames),
        devices,
        connecting::isRegistered);
  }

  private void makePlaces(Delivering delivering, GatewayLimits.Times times) {
    for (EventExecutor executor : loops) {
      EventLoop loop = (EventLoop) executor;
      Keepalive keepalive = new Keepalive(times, connecting::holds, System::nanoTime);
      places.put(loop, new Entrance.Place(new Shard(loop, readers, delivering), keepalive));
      var _ = loop.scheduleAtFixedRate(() -> tick(keepalive), 1, 1, TimeUnit.SECONDS);
    }
  }

  /// A timer that fails once would never run again.
  private static void tick(Keepalive keepalive) {
    try {
      keepalive.tick();
    } catch (Throwable e) {
      log.error("connections could not be looked after", e);
    }
  }

  /// The port it listens on.
  public int port() {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  /// Open connections, also those whose handshake is not complete.
  public int connections() {
    return accepting.connections();
  }

  /// Who is connected to this node.
  public LocalPresence presence() {
    return devices;
  }

  /// Gives away what is to be journaled. A claim is taken before the receipts of shards, because it
  /// counts only for what a shard wrote before.
  private void giveReceipts(Claims claims, Consumer<Receipts> taker) {
    Map<Integer, List<Claims.Claim>> claimed = claims.take();
    boolean given = false;
    try {
      places.forEach((loop, place) ->
          taker.accept(loop.submit(place.shard()::takeReceipts).syncUninterruptibly().getNow()));
      forgetRemovals();
      taker.accept(claims.delivered(claimed));
      given = true;
    } catch (StoreException e) {
      log.debug("claims are looked up later: {}", e.getMessage());
    } finally {
      if (!given) {
        claims.putBack(claimed);
      }
    }
  }

  private void forgetRemovals() {
    long seen = places.values().stream().mapToLong(place -> place.shard().head()).min().orElse(0);
    replica.timeline().forgetRemovals(seen);
  }

  /// Stops accepting, closes every session with 1012, spread over a second so that not all come
  /// back at once, and journals the last receipts. Takes some seconds at most.
  @Override
  public void close() {
    listening.close().syncUninterruptibly();
    entrance.close();
    dismissAll();
    receipts.close();
    stopLoops();
  }

  private void dismissAll() {
    Map<EventExecutor, List<DeviceConnection>> open = new HashMap<>();
    places.forEach((loop, place) ->
        open.put(loop, loop.submit(place.keepalive()::connections).syncUninterruptibly().getNow()));
    int count = open.values().stream().mapToInt(List::size).sum();
    CountDownLatch gone = new CountDownLatch(count);
    open.forEach((loop, connections) -> {
      connections.forEach(
          connection -> connection.channel().closeFuture().addListener(_ -> gone.countDown()));
      Dismissal.begin(loop, connections);
    });
    try {
      boolean all = gone.await(GOODBYES.toMillis(), TimeUnit.MILLISECONDS);
      log.info("told {} devices to come back later{}", count, all ? "" : "; some are still there");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void stopLoops() {
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    readers.shutdown();
  }
}
