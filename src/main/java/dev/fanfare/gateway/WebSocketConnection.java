package dev.fanfare.gateway;

import dev.fanfare.journal.Position;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A WebSocket (RFC 6455) after its handshake: what the device says, and the channel that its
/// session writes to. Owned by its event loop.
final class WebSocketConnection extends SimpleChannelInboundHandler<WebSocketFrame>
    implements DeviceConnection {
  private static final Logger log = LoggerFactory.getLogger(WebSocketConnection.class);
  private static final int NORMAL_CLOSURE = 1000;
  private static final ByteBuf PING =
      Unpooled.unreleasableBuffer(
          Unpooled.directBuffer(2).writeByte(0x89).writeByte(0).asReadOnly());

  private final Channel channel;
  private final Wire wire;
  private final Shard shard;
  private final Session session;
  private final LongSupplier nanoTime;
  private final Rate rate;
  private long heardAt;
  private boolean closing;

  /// What a connection stands on.
  ///
  /// @param framesPerSecond that the device may send, twice as many at once
  record Socket(Channel channel, Shard shard, int framesPerSecond, LongSupplier nanoTime) {}

  WebSocketConnection(Socket socket, Connecting.Admitted admitted) {
    this.channel = socket.channel();
    this.shard = socket.shard();
    this.wire = new Wire(channel, Encoding.WEB_SOCKET, shard.joint());
    this.nanoTime = socket.nanoTime();
    this.heardAt = nanoTime.getAsLong();
    this.rate = new Rate(socket.framesPerSecond(), 2 * socket.framesPerSecond(), heardAt);
    this.session = new Session(this, admitted.login(), admitted.start(), shard.head());
  }

  @Override
  public Channel channel() {
    return channel;
  }

  @Override
  public Session session() {
    return session;
  }

  @Override
  public long silence(long nanos) {
    return nanos - heardAt;
  }

  @Override
  public void drop() {
    channel.close();
  }

  @Override
  public boolean isWritable() {
    return !closing && wire.isWritable();
  }

  @Override
  public boolean write(Bundle bundle, Runnable reachedLater) {
    return !closing && wire.write(bundle, reachedLater);
  }

  @Override
  public void ping() {
    channel.writeAndFlush(PING.duplicate(), channel.voidPromise());
  }

  @Override
  public void close(CloseCode why) {
    close(why.code(), why.reason());
  }

  private void close(int code, String reason) {
    if (!closing) {
      closing = true;
      byte[] text = reason.getBytes(StandardCharsets.US_ASCII);
      ByteBuf frame =
          Unpooled.buffer(4 + text.length)
              .writeByte(0x88)
              .writeByte(2 + text.length)
              .writeShort(code)
              .writeBytes(text);
      Goodbye.say(channel, frame)
          .addListener(_ -> channel.eventLoop().execute(() -> shard.closed(session)));
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
    heardAt = nanoTime.getAsLong();
    if (closing) {
      if (frame instanceof CloseWebSocketFrame) {
        channel.close();
      }
      return;
    }
    if (!rate.take(heardAt)) {
      close(CloseCode.BAD_FRAME);
      return;
    }
    switch (frame) {
      case TextWebSocketFrame text when text.isFinalFragment() -> said(text.content());
      case PingWebSocketFrame ping -> pong(ping.content());
      case PongWebSocketFrame _ -> {}
      case CloseWebSocketFrame _ -> close(NORMAL_CLOSURE, "");
      default -> close(CloseCode.BAD_FRAME);
    }
  }

  private void pong(ByteBuf payload) {
    ByteBuf frame =
        Unpooled.buffer(2 + payload.readableBytes())
            .writeByte(0x8A)
            .writeByte(payload.readableBytes())
            .writeBytes(payload);
    channel.writeAndFlush(frame, channel.voidPromise());
  }

  private void said(ByteBuf json) {
    Optional<DeviceMessage> message = DeviceMessage.parse(ByteBufUtil.getBytes(json));
    if (message.isEmpty()) {
      close(CloseCode.BAD_FRAME);
      return;
    }
    switch (message.get()) {
      case DeviceMessage.Ack(Position position) -> shard.acknowledge(session, position);
      case DeviceMessage.Read(String id) -> shard.read(session, id);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    shard.writabilityChanged(session);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    shard.closed(session);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof CorruptedWebSocketFrameException) {
      close(CloseCode.BAD_FRAME);
    } else {
      log.debug("a connection failed", cause);
      context.close();
    }
  }
}
