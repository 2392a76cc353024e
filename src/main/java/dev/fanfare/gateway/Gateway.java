package dev.fanfare.gateway;

import dev.fanfare.broadcast.Due;
import dev.fanfare.broadcast.Timeline;
import dev.fanfare.journal.Journal;
import dev.fanfare.member.Member;
import dev.fanfare.member.Presence;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.Format;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.roaringbitmap.RoaringBitmap;

/// The port that devices connect to: accepts, judges, and gives each connection to the shard of its
/// event loop.
public final class Gateway implements AutoCloseable, Presence {
  private static final int HANDSHAKES_AT_ONCE = 256;
  private static final int REFUSED_AT_ONCE = 1_000;
  private static final int BACKLOG = 1_024;

  private final Replica replica;
  private final Clock wall;
  private final Connecting connecting;
  private final EventLoopGroup loops;
  private final Map<EventExecutor, Shard> shards = new HashMap<>();
  private final Map<Shard, Keepalive> keepalives = new HashMap<>();
  private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore handshakes = new Semaphore(HANDSHAKES_AT_ONCE);
  private final AtomicInteger connections = new AtomicInteger();
  private final int maxConnections;
  private final Channel listening;
  private final ReceiptJournal receipts;

  /// What a gateway is told.
  ///
  /// @param maxConnections more are refused with 503, a thousand at once, and then cut off
  /// @param shards event loops, each on a thread of its own
  public record Settings(InetSocketAddress address, int maxConnections, int shards) {}

  /// Starts listening.
  ///
  /// @param forms how the message of each format is rendered
  /// @throws UncheckedIOException when the address cannot be listened on
  public Gateway(
      Settings settings, Replica replica, Journal journal, Map<Format, MessageForm> forms) {
    this.replica = replica;
    this.wall = Clock.systemUTC();
    this.maxConnections = settings.maxConnections();
    this.connecting = new Connecting(replica, wall);
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory transport = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    this.loops = new MultiThreadIoEventLoopGroup(settings.shards(), transport);
    makeShards(forms);
    Timeline timeline = replica.timeline();
    timeline.listen(() -> shards.values().forEach(Shard::wake));
    this.listening =
        listen(
            settings.address(),
            epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class);
    this.receipts = new ReceiptJournal(journal, this::takeReceipts);
  }

  private Channel listen(InetSocketAddress address, Class<? extends ServerChannel> server) {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(server)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(new Accepting())
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      stopLoops();
      throw new UncheckedIOException(
          "cannot listen on " + address, new BindException("the address is in use or not ours"));
    }
    return bound.channel();
  }

  private void makeShards(Map<Format, MessageForm> forms) {
    Timeline timeline = replica.timeline();
    Frames frames = new Frames(replica, forms);
    Due due = new Due(timeline, replica.broadcasts(), wall);
    Delivering delivering =
        new Delivering(
            timeline,
            replica.broadcasts(),
            due,
            frames,
            new CatchUp(timeline, replica.broadcasts(), due, frames),
            new Devices(),
            connecting::isRegistered);
    for (EventExecutor executor : loops) {
      EventLoop loop = (EventLoop) executor;
      Shard shard = new Shard(loop, readers, delivering);
      Keepalive keepalive = new Keepalive(System::nanoTime);
      shards.put(loop, shard);
      keepalives.put(shard, keepalive);
      var _ =
          loop.scheduleAtFixedRate(
              () -> keepalive.tick(wall.millis() / 1_000), 1, 1, TimeUnit.SECONDS);
    }
  }

  /// The port it listens on.
  public int port() {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  /// Open connections, also those whose handshake is not complete.
  public int connections() {
    return connections.get();
  }

  /// Asks every shard, each on its own thread, and waits for all of them. Not for event loops.
  @Override
  public List<Connection> connections(int app, Collection<Member> members) {
    List<Future<List<Connection>>> asked = new ArrayList<>();
    shards.forEach((loop, shard) -> asked.add(loop.submit(() -> shard.connections(app, members))));
    List<Connection> all = new ArrayList<>();
    asked.forEach(answer -> all.addAll(answer.syncUninterruptibly().getNow()));
    return all;
  }

  /// Asks every shard, each on its own thread. A member with devices on several shards counts once.
  @Override
  public int online(int app, RoaringBitmap matched) {
    List<Future<RoaringBitmap>> asked = new ArrayList<>();
    shards.forEach((loop, shard) -> asked.add(loop.submit(() -> shard.online(app))));
    RoaringBitmap online = new RoaringBitmap();
    asked.forEach(answer -> online.or(answer.syncUninterruptibly().getNow()));
    return RoaringBitmap.andCardinality(online, matched);
  }

  private List<Receipts> takeReceipts() {
    List<Receipts> taken = new ArrayList<>();
    shards.forEach((loop, shard) ->
        taken.add(loop.submit(shard::takeReceipts).syncUninterruptibly().getNow()));
    forgetRemovals();
    return taken;
  }

  private void forgetRemovals() {
    long seen = shards.values().stream().mapToLong(Shard::head).min().orElse(0);
    replica.timeline().forgetRemovals(seen);
  }

  /// Stops accepting, closes every session with 1012, and journals the last receipts.
  @Override
  public void close() {
    listening.close().syncUninterruptibly();
    shards.forEach((loop, shard) ->
        loop.submit(() -> shard.closeAll(CloseCode.GOING_AWAY)).syncUninterruptibly());
    receipts.close();
    stopLoops();
  }

  private void stopLoops() {
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    readers.shutdown();
  }

  /// Sets up each accepted connection.
  private final class Accepting extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      int open = connections.incrementAndGet();
      channel.closeFuture().addListener(_ -> connections.decrementAndGet());
      if (open > maxConnections + REFUSED_AT_ONCE) {
        channel.close();
      } else {
        channel
            .pipeline()
            .addLast(
                new HttpServerCodec(4_096, 8_192, 8_192),
                new Handshake(new ShardAdmission(open > maxConnections)));
      }
    }
  }

  private final class ShardAdmission implements Handshake.Admission {
    private final boolean full;

    ShardAdmission(boolean full) {
      this.full = full;
    }

    @Override
    public boolean besideLoop(Runnable work) {
      if (full || !handshakes.tryAcquire()) {
        return false;
      }
      try {
        readers.execute(() -> {
          try {
            work.run();
          } finally {
            handshakes.release();
          }
        });
        return true;
      } catch (RejectedExecutionException _) {
        handshakes.release();
        return false;
      }
    }

    @Override
    public Connecting.Judgement judge(Connecting.Claim claim) {
      return connecting.judge(claim);
    }

    @Override
    public WebSocketConnection connect(Channel channel, Connecting.Admitted admitted) {
      Shard shard = shard(channel);
      return new WebSocketConnection(
          channel,
          shard,
          device -> new Session(device, admitted.login(), admitted.start(), shard.head()),
          System::nanoTime);
    }

    @Override
    public void opened(WebSocketConnection connection, Connecting.Admitted admitted) {
      Shard shard = shard(connection.channel());
      Objects.requireNonNull(keepalives.get(shard), "a wheel per shard").add(connection);
      shard.open(connection.session(), admitted.start(), wall.millis());
    }

    private Shard shard(Channel channel) {
      return Objects.requireNonNull(shards.get(channel.eventLoop()), "a shard per loop");
    }
  }
}
