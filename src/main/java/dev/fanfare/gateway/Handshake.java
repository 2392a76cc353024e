package dev.fanfare.gateway;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one HTTP request of a connection: `GET /ws`, `GET /sse` or `POST /ack`. Judged beside the
/// event loop, because that reads the store; then the connection becomes a WebSocket or a stream of
/// events, or gets its answer and is closed. All of that has ten seconds, however the bytes trickle
/// in. Owned by its event loop.
final class Handshake extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(Handshake.class);

  private final Admission admission;
  private final GatewayLimits limits;
  private final Function<String, Optional<Connecting.Turned>> limited;
  private boolean began;
  private @Nullable DeviceRequest request;
  private @Nullable ByteArrayOutputStream body;
  private HttpAnswers answers = new HttpAnswers(null);
  private @Nullable Future<?> deadline;

  /// The gateway, as a handshake sees it.
  interface Admission {
    /// Whether the pages of a web origin may connect to an app.
    boolean allows(@Nullable String app, String origin);

    /// Runs what judges a handshake and may wait for the disk, or refuses it.
    boolean besideLoop(Runnable work);

    /// Runs what takes an acknowledgement and waits for the journal, or refuses it.
    boolean acknowledging(Runnable work);

    Connecting.Judgement judge(Connecting.Claim claim);

    /// Journals what a device said; returns when that is durable.
    void take(Session.Login login, DeviceMessage message);

    /// The shard of a channel.
    Shard shard(Channel channel);

    /// Hands an admitted device's connection to its shard; on its event loop.
    void opened(DeviceConnection connection, Connecting.Admitted admitted);
  }

  /// @param limited what the limits of connections and handshakes say to a request whose
  ///   `X-Forwarded-For` is this
  Handshake(
      Admission admission,
      GatewayLimits limits,
      Function<String, Optional<Connecting.Turned>> limited) {
    this.admission = admission;
    this.limits = limits;
    this.limited = limited;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    deadline =
        context
            .executor()
            .schedule(() -> context.close(), limits.times().handshake(), TimeUnit.SECONDS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof HttpRequest asked && !began) {
        began = true;
        context.channel().config().setAutoRead(false);
        begin(context, asked);
      } else if (message instanceof HttpContent part && body != null) {
        collect(context, part, body);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(ChannelHandlerContext context, HttpRequest asked) {
    if (!context.channel().isActive()) {
      return;
    }
    try {
      DeviceRequest read = DeviceRequest.of(asked);
      request = read;
      boolean allowed = mayAsk(read);
      answers = new HttpAnswers(allowed ? read.origin() : null);
      Optional<Connecting.Turned> over = limited.apply(read.forwarded());
      if (over.isPresent()) {
        refuse(context, over.get());
      } else if (asked.decoderResult().isFailure()) {
        refuse(context, Refused.MALFORMED);
      } else if (!allowed) {
        refuse(context, Refused.ORIGIN);
      } else {
        route(context, read, DeviceRequest.hasBody(asked));
      }
    } catch (IllegalArgumentException _) {
      refuse(context, Refused.MALFORMED);
    }
  }

  private boolean mayAsk(DeviceRequest read) {
    return read.origin() == null || admission.allows(read.claim().app(), read.origin());
  }

  private void route(ChannelHandlerContext context, DeviceRequest read, boolean hasBody) {
    boolean preflight = read.method().equals(HttpMethod.OPTIONS);
    switch (read.path()) {
      case DeviceRequest.WEB_SOCKET -> {
        boolean asks = !read.webSocket().key().isEmpty();
        judgeIf(context, hasBody, asks, Refused.NOT_A_WEB_SOCKET);
      }
      case DeviceRequest.EVENTS -> {
        if (preflight) {
          end(context, answers.preflight(HttpAnswers.GET));
        } else {
          boolean gets = read.method().equals(HttpMethod.GET);
          judgeIf(context, hasBody, gets, Refused.NOT_A_GET);
        }
      }
      case DeviceRequest.ACKNOWLEDGEMENT -> {
        if (preflight) {
          end(context, answers.preflight(HttpAnswers.POST));
        } else if (read.method().equals(HttpMethod.POST)) {
          body = new ByteArrayOutputStream();
          context.channel().config().setAutoRead(true);
        } else {
          refuse(context, Refused.NOT_A_POST);
        }
      }
      default -> refuse(context, Refused.NOT_FOUND);
    }
  }

  private void judgeIf(
      ChannelHandlerContext context, boolean hasBody, boolean right, Connecting.Turned wrong) {
    if (hasBody) {
      refuse(context, Refused.MALFORMED);
    } else if (!right) {
      refuse(context, wrong);
    } else {
      boolean begun =
          admission.besideLoop(() -> {
            Connecting.Judgement judgement = judge();
            context.executor().execute(() -> finish(context, judgement));
          });
      if (!begun) {
        refuse(context, Refused.OVER_CAPACITY);
      }
    }
  }

  private DeviceRequest request() {
    if (request == null) {
      throw new IllegalStateException("a request is judged once it was read");
    }
    return request;
  }

  private Connecting.Judgement judge() {
    try {
      return admission.judge(request().claim());
    } catch (RuntimeException e) {
      log.error("a handshake could not be judged", e);
      return Refused.OVER_CAPACITY;
    }
  }

  private void collect(
      ChannelHandlerContext context, HttpContent part, ByteArrayOutputStream collected) {
    collected.writeBytes(ByteBufUtil.getBytes(part.content()));
    if (part.decoderResult().isFailure()) {
      body = null;
      refuse(context, Refused.MALFORMED);
    } else if (collected.size() > limits.fromDevice().bytes()) {
      body = null;
      refuse(context, Refused.TOO_LARGE);
    } else if (part instanceof LastHttpContent) {
      body = null;
      acknowledge(context, collected.toByteArray());
    }
  }

  private void acknowledge(ChannelHandlerContext context, byte[] json) {
    boolean begun =
        admission.acknowledging(() -> {
          Optional<Connecting.Turned> turned =
              switch (judge()) {
                case Connecting.Turned refused -> Optional.of(refused);
                case Connecting.Admitted admitted -> take(admitted.login(), json);
              };
          context
              .executor()
              .execute(
                  () -> end(context, turned.map(answers::problem).orElseGet(answers::noContent)));
        });
    if (!begun) {
      refuse(context, Refused.OVER_CAPACITY);
    }
  }

  /// Who may not speak hears that, whatever it says: a page learns of its credentials that way.
  private Optional<Connecting.Turned> take(Session.Login login, byte[] json) {
    Optional<DeviceMessage> message = DeviceMessage.parse(json);
    if (message.isEmpty()) {
      return Optional.of(Refused.NO_MESSAGE);
    }
    try {
      admission.take(login, message.get());
      return Optional.empty();
    } catch (RuntimeException e) {
      log.debug("an acknowledgement could not be journaled", e);
      return Optional.of(Refused.OVER_CAPACITY);
    }
  }

  private void finish(ChannelHandlerContext context, Connecting.Judgement judgement) {
    if (!context.channel().isActive()) {
      return;
    }
    switch (judgement) {
      case Connecting.Turned turned -> {
        if (request().resumes() && (turned.status() == 401 || turned.status() == 403)) {
          end(context, answers.noContent());
        } else {
          refuse(context, turned);
        }
      }
      case Connecting.Admitted admitted -> {
        if (request().path().equals(DeviceRequest.EVENTS)) {
          stream(context, admitted);
        } else {
          upgrade(context, admitted);
        }
      }
    }
  }

  private void upgrade(ChannelHandlerContext context, Connecting.Admitted admitted) {
    Channel channel = context.channel();
    context.writeAndFlush(Upgrade.answer(request().webSocket()));
    WebSocketConnection connection =
        new WebSocketConnection(
            new WebSocketConnection.Socket(
                channel,
                admission.shard(channel),
                limits.fromDevice().perSecond(),
                System::nanoTime),
            admitted);
    channel.pipeline().addLast(Upgrade.frames(limits.fromDevice().bytes()), connection);
    handOver(context, connection, admitted);
  }

  private void stream(ChannelHandlerContext context, Connecting.Admitted admitted) {
    Channel channel = context.channel();
    EventStream connection = new EventStream(channel, admission.shard(channel), answers, admitted);
    channel.pipeline().addLast(connection);
    handOver(context, connection, admitted);
  }

  private void handOver(
      ChannelHandlerContext context, DeviceConnection connection, Connecting.Admitted admitted) {
    Channel channel = context.channel();
    channel.pipeline().remove(this);
    channel.pipeline().remove(HttpServerCodec.class);
    admission.opened(connection, admitted);
    channel.config().setAutoRead(true);
  }

  private void refuse(ChannelHandlerContext context, Connecting.Turned turned) {
    end(context, answers.problem(turned));
  }

  private static void end(ChannelHandlerContext context, FullHttpResponse answer) {
    var _ = Goodbye.say(context.channel(), answer);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
