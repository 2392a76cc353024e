package dev.fanfare.gateway;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.fanfare.journal.Position;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A WebSocket (RFC 6455) after its handshake: what the device says, and the channel that its
/// session writes to. Owned by its event loop.
final class WebSocketConnection extends SimpleChannelInboundHandler<WebSocketFrame>
    implements DeviceChannel {
  private static final Logger log = LoggerFactory.getLogger(WebSocketConnection.class);
  private static final ObjectReader JSON =
      new ObjectMapper().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final int NORMAL_CLOSURE = 1000;
  private static final int LINGER_SECONDS = 5;
  private static final ByteBuf PING =
      Unpooled.unreleasableBuffer(
          Unpooled.directBuffer(2).writeByte(0x89).writeByte(0).asReadOnly());

  private final Channel channel;
  private final Wire wire;
  private final Shard shard;
  private final Session session;
  private final LongSupplier nanoTime;
  private final FrameRate rate;
  private long heardAt;
  private boolean closing;

  WebSocketConnection(Channel channel, Shard shard, SessionFactory session, LongSupplier nanoTime) {
    this.channel = channel;
    this.wire = new Wire(channel, Encoding.WEB_SOCKET, shard.joint());
    this.shard = shard;
    this.nanoTime = nanoTime;
    this.heardAt = nanoTime.getAsLong();
    this.rate = new FrameRate(heardAt);
    this.session = session.on(this);
  }

  /// Makes the session of a connection.
  @FunctionalInterface
  interface SessionFactory {
    Session on(DeviceChannel channel);
  }

  Channel channel() {
    return channel;
  }

  Session session() {
    return session;
  }

  /// When the device was last heard, in monotonic nanoseconds.
  long heardAt() {
    return heardAt;
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
      // Who does not read never gets the frame; the connection ends all the same.
      Future<?> linger =
          channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
      channel.closeFuture().addListener(_ -> linger.cancel(false));
      channel.writeAndFlush(frame).addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
    heardAt = nanoTime.getAsLong();
    if (closing) {
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
    try {
      JsonNode message = JSON.readTree(ByteBufUtil.getBytes(json));
      String id = message.path("id").textValue();
      Optional<Position> position = Position.parse(message.path("position").asText());
      String type = message.path("type").asText();
      if (type.equals("ack") && position.isPresent()) {
        shard.acknowledge(session, position.get().offset());
      } else if (type.equals("read") && id != null) {
        shard.read(session, id);
      } else {
        close(CloseCode.BAD_FRAME);
      }
    } catch (IOException e) {
      close(CloseCode.BAD_FRAME);
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
