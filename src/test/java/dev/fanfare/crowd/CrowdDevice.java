package dev.fanfare.crowd;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A device of a member, over all its connections. It keeps its cursor and acknowledges every fifth
/// broadcast and whenever it caught up.
///
/// Owned by its event loop; what others ask is volatile.
public final class CrowdDevice {
  private static final Pattern TYPE = Pattern.compile("\"type\":\"([a-z-]+)\"");
  private static final Pattern POSITION = Pattern.compile("\"position\":\"([^\"]+)\"");
  private static final Pattern NUMBER = Pattern.compile("\"number\":(\\d+)");
  private static final int ACKNOWLEDGES = 5;

  private final String member;
  private final Ear ear;
  private final AtomicInteger heard = new AtomicInteger();
  private volatile @Nullable String trouble;
  private volatile @Nullable Channel channel;
  private @Nullable String cursor;

  CrowdDevice(String member, Ear ear) {
    this.member = member;
    this.ear = ear;
  }

  public String member() {
    return member;
  }

  /// How many broadcasts it heard.
  public int heard() {
    return heard.get();
  }

  /// What it heard that it should not have, or null.
  public @Nullable String trouble() {
    return trouble;
  }

  /// The channel of its live connection, or null.
  public @Nullable Channel channel() {
    return channel;
  }

  /// What it says as `after`, or null.
  @Nullable String cursor() {
    return cursor;
  }

  /// What hears one connection of this device.
  ///
  /// @param ended runs when the connection has ended
  Listener listener(Runnable ended) {
    return new Listener(ended);
  }

  final class Listener extends SimpleChannelInboundHandler<WebSocketFrame> {
    private final Runnable ended;

    private Listener(Runnable ended) {
      this.ended = ended;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
        channel = context.channel();
      }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
      switch (frame) {
        case TextWebSocketFrame text -> hear(context, text.text());
        case PingWebSocketFrame ping ->
            context.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
        case CloseWebSocketFrame _ -> context.close();
        default -> trouble = "an unknown frame: " + frame;
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      channel = null;
      ended.run();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }

  private void hear(ChannelHandlerContext context, String message) {
    String type = find(TYPE, message);
    boolean broadcast = type.equals("broadcast");
    String position = find(POSITION, message);
    if (broadcast) {
      long offset = Long.parseLong(position.substring(position.indexOf('-') + 1));
      String wrong = ear.hear(offset, Integer.parseInt(find(NUMBER, message)));
      if (wrong != null && trouble == null) {
        trouble = member + " " + wrong;
      }
      heard.incrementAndGet();
    }
    if (type.equals("gap")) {
      trouble = member + " was told of a gap: " + message;
    }
    if (broadcast || type.equals("caught-up")) {
      cursor = position;
      if (!broadcast || heard.get() % ACKNOWLEDGES == 0) {
        acknowledge(context.channel(), position);
      }
    }
  }

  private static void acknowledge(Channel channel, String position) {
    channel.writeAndFlush(
        new TextWebSocketFrame("{\"type\":\"ack\",\"position\":\"" + position + "\"}"));
  }

  /// Acknowledges everything heard. On its event loop.
  void acknowledgeAll() {
    Channel open = channel;
    String position = cursor;
    if (open != null && position != null) {
      acknowledge(open, position);
    }
  }

  private static String find(Pattern pattern, String message) {
    Matcher found = pattern.matcher(message);
    return found.find() ? found.group(1) : "";
  }
}
