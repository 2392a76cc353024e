package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.TestNode;
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
import java.util.concurrent.TimeUnit;
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
    keepalive = new Keepalive(() -> nanos);
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
    Session.Login login =
        new Session.Login(
            TestNode.APP,
            "demo",
            "m",
            0,
            "",
            expiresAt,
            new Session.Arrival("1", "", Instant.EPOCH));
    Session.Start start = new Session.Start(0, 0, null);
    WebSocketConnection connection =
        new WebSocketConnection(
            channel, shard, device -> new Session(device, login, start, 0), () -> nanos);
    channel.pipeline().addLast(connection);
    keepalive.add(connection);
    return connection;
  }

  private void pass(int count) {
    for (int i = 0; i < count; i++) {
      nanos += TimeUnit.SECONDS.toNanos(1);
      keepalive.tick(++seconds);
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
    pass(60);
    assertThat(written(channel)).containsExactly(0x89, 0x89);
    assertThat(channel.isOpen()).isTrue();
    pass(25);
    assertThat(written(channel)).containsExactly(0x88);
    assertThat(channel.isOpen()).isFalse();
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
    EmbeddedChannel channel =
        new EmbeddedChannel(new HttpServerCodec(), new Handshake(new NoAdmission()));
    channel.freezeTime();
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
    public Connecting.Judgement judge(Connecting.Claim claim) {
      throw new AssertionError("nothing to judge");
    }

    @Override
    public WebSocketConnection connect(Channel channel, Connecting.Admitted admitted) {
      throw new AssertionError("nobody connects");
    }

    @Override
    public void opened(WebSocketConnection connection, Connecting.Admitted admitted) {
      throw new AssertionError("nobody connects");
    }
  }
}
