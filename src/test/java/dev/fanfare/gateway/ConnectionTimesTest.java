package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.TestNode;
import dev.fanfare.app.SigningKey;
import dev.fanfare.member.ConnectionId;
import dev.fanfare.schema.AppKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What happens to a connection as time passes.
final class ConnectionTimesTest {
  private final ShardFixture fixture = new ShardFixture();
  private final Shard shard = fixture.shard(new ManualLoop());
  private final Keepalive keepalive;
  private long nanos = -TimeUnit.SECONDS.toNanos(100);
  private long seconds = 1_000;

  ConnectionTimesTest() {
    keepalive =
        new Keepalive(
            GatewayLimits.STANDARD.times(), login -> login.expiresAt() > seconds, () -> nanos);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  /// A socket that takes nothing.
  private static final class Stuck extends ChannelOutboundHandlerAdapter {
    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      ReferenceCountUtil.release(message);
    }
  }

  private WebSocketConnection connection(EmbeddedChannel channel, long expiresAt) {
    var _ = fixture.node().register("m");
    AppKey stored = fixture.node().app().keys(AppKey.Kind.DEVICE_KEY, Instant.EPOCH).getFirst();
    SigningKey key = new SigningKey(stored.getKind(), stored.getName(), stored.getCreated());
    Session.Login login =
        new Session.Login(
            TestNode.APP,
            "demo",
            "m",
            0,
            "",
            new Session.Credential(0, expiresAt, key),
            new Session.Arrival(ConnectionId.one("here", 0, 1), "", Instant.EPOCH));
    Session.Start start = new Session.Start(0, 0, null);
    WebSocketConnection connection =
        new WebSocketConnection(
            new WebSocketConnection.Socket(channel, shard, 20, () -> nanos),
            new Connecting.Admitted(login, start));
    channel.pipeline().addLast(connection);
    keepalive.add(connection);
    return connection;
  }

  private void pass(int count) {
    for (int i = 0; i < count; i++) {
      nanos += TimeUnit.SECONDS.toNanos(1);
      seconds++;
      keepalive.tick();
    }
  }

  /// First bytes of the frames that were written: 0x89 ping, 0x88 close.
  private static List<Integer> written(EmbeddedChannel channel) {
    List<Integer> frames = new ArrayList<>();
    for (ByteBuf frame = channel.readOutbound(); frame != null; frame = channel.readOutbound()) {
      frames.add((int) frame.getUnsignedByte(0));
    }
    return frames;
  }

  @Test
  void device_is_pinged_every_25_seconds_and_stays_while_it_answers() {
    EmbeddedChannel channel = new EmbeddedChannel();
    connection(channel, Long.MAX_VALUE);
    for (int i = 0; i < 10; i++) {
      pass(24);
      assertThat(written(channel)).isEmpty();
      pass(1);
      assertThat(written(channel)).containsExactly(0x89);
      channel.writeInbound(new PongWebSocketFrame());
    }
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void silent_device_is_closed() {
    EmbeddedChannel channel = new EmbeddedChannel();
    connection(channel, Long.MAX_VALUE);
    pass(59);
    assertThat(written(channel)).containsExactly(0x89, 0x89);
    assertThat(channel.isOpen()).isTrue();
    pass(1);
    assertThat(written(channel)).as("nobody hears a close frame").isEmpty();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void device_is_closed_60_seconds_after_its_last_word_whenever_that_was() {
    for (int last = 1; last < 100; last++) {
      EmbeddedChannel channel = new EmbeddedChannel();
      connection(channel, Long.MAX_VALUE);
      for (int second = 1; second <= last; second++) {
        pass(1);
        channel.writeInbound(new PongWebSocketFrame());
      }
      pass(59);
      assertThat(channel.isOpen()).as("spoke until %d, 59 s ago", last).isTrue();
      pass(1);
      assertThat(channel.isOpen()).as("spoke until %d, 60 s ago", last).isFalse();
      channel.releaseOutbound();
    }
  }

  @Test
  void connection_that_is_closed_is_not_kept() {
    for (int i = 0; i < 100; i++) {
      EmbeddedChannel channel = new EmbeddedChannel();
      connection(channel, Long.MAX_VALUE);
      var _ = channel.close();
    }
    assertThat(keepalive.size()).isZero();
  }

  @Test
  void connection_that_is_closed_while_its_silence_is_watched_is_not_kept() {
    EmbeddedChannel channel = new EmbeddedChannel();
    connection(channel, Long.MAX_VALUE);
    pass(50);
    assertThat(keepalive.size()).as("its last seconds are counted").isEqualTo(2);
    var _ = channel.close();
    assertThat(keepalive.size()).isZero();
  }

  @Test
  void devices_are_sent_away_one_after_the_other_within_a_second() {
    EmbeddedChannel timer = new EmbeddedChannel();
    timer.freezeTime();
    List<EmbeddedChannel> channels = new ArrayList<>();
    List<DeviceConnection> connections = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      channels.add(new EmbeddedChannel());
      connections.add(connection(channels.getLast(), Long.MAX_VALUE));
    }
    Dismissal.begin(timer.eventLoop(), connections);
    timer.runScheduledPendingTasks();
    assertThat(open(channels)).isBetween(900L, 999L);
    timer.advanceTimeBy(500, TimeUnit.MILLISECONDS);
    timer.runScheduledPendingTasks();
    assertThat(open(channels)).isBetween(400L, 600L);
    timer.advanceTimeBy(500, TimeUnit.MILLISECONDS);
    timer.runScheduledPendingTasks();
    assertThat(open(channels)).isZero();
    ByteBuf close = channels.getLast().readOutbound();
    assertThat(close.getUnsignedShort(2)).isEqualTo(1012);
  }

  private static long open(List<EmbeddedChannel> channels) {
    return channels.stream().filter(EmbeddedChannel::isOpen).count();
  }

  @Test
  void device_whose_token_expired_is_closed() {
    EmbeddedChannel channel = new EmbeddedChannel();
    connection(channel, seconds + 26);
    pass(25);
    assertThat(written(channel)).containsExactly(0x89);
    pass(25);
    ByteBuf close = channel.readOutbound();
    assertThat(close.getUnsignedShort(2)).isEqualTo(4001);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void device_that_does_not_read_its_close_frame_is_cut_off() {
    EmbeddedChannel channel = new EmbeddedChannel(new Stuck());
    channel.freezeTime();
    WebSocketConnection connection = connection(channel, Long.MAX_VALUE);
    connection.close(CloseCode.TOO_SLOW);
    assertThat(connection.isWritable()).isFalse();
    channel.advanceTimeBy(4, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isOpen()).isTrue();
    channel.advanceTimeBy(1, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void nothing_is_written_after_the_close_frame() {
    EmbeddedChannel channel = new EmbeddedChannel();
    WebSocketConnection connection = connection(channel, Long.MAX_VALUE);
    connection.close(CloseCode.GOING_AWAY);
    connection.write(
        Bundle.of(List.of(new Frame(new Frame.Head("hello", null), new byte[] {'{', '}'}))),
        () -> {
          throw new AssertionError("reached");
        });
    connection.close(CloseCode.BAD_FRAME);
    assertThat(written(channel)).containsExactly(0x88);
  }

  @Test
  void handshake_that_trickles_in_is_cut_off_after_10_seconds() {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.freezeTime();
    channel
        .pipeline()
        .addLast(
            new HttpServerCodec(),
            new Handshake(new NoAdmission(), GatewayLimits.STANDARD, _ -> Optional.empty()));
    byte[] request = RawClient.handshake("/ws").getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < 9; i++) {
      channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {request[i]}));
      channel.advanceTimeBy(1, TimeUnit.SECONDS);
      channel.runScheduledPendingTasks();
    }
    assertThat(channel.isOpen()).isTrue();
    channel.advanceTimeBy(1, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isOpen()).isFalse();
    channel.finishAndReleaseAll();
  }

  private static final class NoAdmission implements Handshake.Admission {
    @Override
    public boolean besideLoop(Runnable work) {
      return false;
    }

    @Override
    public boolean acknowledging(Runnable work) {
      return false;
    }

    @Override
    public Connecting.Judgement judge(Connecting.Claim claim) {
      throw new AssertionError("nothing to judge");
    }

    @Override
    public boolean allows(@Nullable String app, String origin) {
      throw new AssertionError("nobody asks");
    }

    @Override
    public void take(Session.Login login, DeviceMessage message) {
      throw new AssertionError("nothing is said");
    }

    @Override
    public Shard shard(Channel channel) {
      throw new AssertionError("nobody connects");
    }

    @Override
    public void opened(DeviceConnection connection, Connecting.Admitted admitted) {
      throw new AssertionError("nobody connects");
    }
  }
}
