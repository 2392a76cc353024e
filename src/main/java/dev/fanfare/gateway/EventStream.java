package dev.fanfare.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A stream of server-sent events (the WHATWG's HTML standard, section 9.2) to a device that only
/// listens. Owned by its event loop.
///
/// The head of the response goes out with the first event. What ends the connection before that is
/// an HTTP status. Nothing can be heard from the device, so that one which vanished is noticed by
/// the system: what it does not confirm for 60 s ends the connection, where epoll is there to ask
/// for that.
final class EventStream extends ChannelInboundHandlerAdapter implements DeviceConnection {
  private static final Logger log = LoggerFactory.getLogger(EventStream.class);
  private static final int UNCONFIRMED_MILLIS = 60_000;
  private static final int RETRY_MILLIS = 5_000;
  private static final ByteBuf COMMENT =
      Unpooled.unreleasableBuffer(
          Unpooled.directBuffer(3).writeBytes(new byte[] {':', '\n', '\n'}).asReadOnly());

  private final Channel channel;
  private final Wire wire;
  private final Shard shard;
  private final Session session;
  private final HttpAnswers answers;
  private boolean begun;
  private boolean closing;

  EventStream(Channel channel, Shard shard, HttpAnswers answers, Connecting.Admitted admitted) {
    this.channel = channel;
    this.wire = new Wire(channel, Encoding.EVENT_STREAM, shard.joint());
    this.shard = shard;
    this.answers = answers;
    this.session = new Session(this, admitted.login(), admitted.start(), shard.head());
    if (channel instanceof EpollSocketChannel) {
      channel.config().setOption(EpollChannelOption.TCP_USER_TIMEOUT, UNCONFIRMED_MILLIS);
    }
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
    return 0;
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
    if (closing) {
      return false;
    }
    begin();
    return wire.write(bundle, reachedLater);
  }

  private void begin() {
    if (!begun) {
      begun = true;
      channel.write(Unpooled.wrappedBuffer(answers.events()), channel.voidPromise());
    }
  }

  @Override
  public void ping() {
    channel.writeAndFlush(COMMENT.duplicate(), channel.voidPromise());
  }

  @Override
  public void close(CloseCode why) {
    if (!closing) {
      closing = true;
      Object words = Unpooled.copiedBuffer(goodbye(why), StandardCharsets.US_ASCII);
      if (!begun) {
        channel.pipeline().addLast(new HttpResponseEncoder());
        words = answers.problem(refusal(why));
      }
      Goodbye.say(channel, words)
          .addListener(_ -> channel.eventLoop().execute(() -> shard.closed(session)));
    }
  }

  /// The last event. Browsers come back by themselves, so those who shall are told when: at a
  /// moment of their own each, because many may be told at once.
  private static String goodbye(CloseCode why) {
    int retry = ThreadLocalRandom.current().nextInt(RETRY_MILLIS);
    return "retry: %d\nevent: close\ndata: {\"type\":\"close\",\"code\":%d}\n\n"
        .formatted(retry, why.code());
  }

  private static Connecting.Turned refusal(CloseCode why) {
    return switch (why) {
      case TOO_MANY_DEVICES -> Refused.TOO_MANY_DEVICES;
      case CREDENTIALS -> Refused.CREDENTIALS;
      case GOING_AWAY, OVER_CAPACITY, BAD_FRAME, TOO_SLOW, REPLACED -> Refused.OVER_CAPACITY;
    };
  }

  /// Nobody who asked for events has anything more to say.
  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ReferenceCountUtil.release(message);
    if (!closing) {
      context.close();
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
    log.debug("a connection failed", cause);
    context.close();
  }
}
