package dev.fanfare.gateway;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one HTTP request of a connection: `GET /ws`. Judged beside the event loop, because that
/// reads the store; then the connection becomes a WebSocket, or gets its refusal and is closed. All
/// of that has ten seconds, however the bytes trickle in. Owned by its event loop.
final class Handshake extends ChannelInboundHandlerAdapter {
  static final int SECONDS = 10;
  private static final Logger log = LoggerFactory.getLogger(Handshake.class);
  private static final String SUBPROTOCOL = "fanfare";
  private static final String BEARER = "Bearer ";
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final WebSocketDecoderConfig FRAMES =
      WebSocketDecoderConfig.newBuilder()
          .expectMaskedFrames(true)
          .allowExtensions(false)
          .maxFramePayloadLength(4_096)
          .closeOnProtocolViolation(false)
          .withUTF8Validator(true)
          .build();

  private static final Connecting.Turned OVER_CAPACITY =
      new Connecting.Turned(503, "over_capacity", "Try again later.");

  private final Admission admission;
  private boolean asked;
  private @Nullable Future<?> deadline;

  /// The gateway, as a handshake sees it.
  interface Admission {
    /// Runs something that may block, or refuses it.
    boolean besideLoop(Runnable work);

    Connecting.Judgement judge(Connecting.Claim claim);

    /// Makes an admitted channel's connection and hands it to its shard; on its event loop.
    WebSocketConnection connect(Channel channel, Connecting.Admitted admitted);

    void opened(WebSocketConnection connection, Connecting.Admitted admitted);
  }

  Handshake(Admission admission) {
    this.admission = admission;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    deadline = context.executor().schedule(() -> context.close(), SECONDS, TimeUnit.SECONDS);
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
      if (message instanceof HttpRequest request && !asked) {
        asked = true;
        context.channel().config().setAutoRead(false);
        begin(context, request);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(ChannelHandlerContext context, HttpRequest request) {
    Connecting.Turned malformed =
        new Connecting.Turned(400, "bad_request", "The request is malformed.");
    if (request.decoderResult().isFailure() || hasBody(request)) {
      refuse(context, malformed);
      return;
    }
    try {
      QueryStringDecoder uri = new QueryStringDecoder(request.uri());
      if (!uri.path().equals("/ws")) {
        refuse(context, new Connecting.Turned(404, "not_found", "Devices connect to /ws."));
      } else if (!isWebSocket(request)) {
        refuse(
            context,
            new Connecting.Turned(426, "not_a_websocket", "This is a WebSocket, version 13."));
      } else {
        ask(context, request, uri);
      }
    } catch (IllegalArgumentException _) {
      refuse(context, malformed);
    }
  }

  private static boolean hasBody(HttpRequest request) {
    return HttpUtil.isTransferEncodingChunked(request)
        || !request.headers().get(HttpHeaderNames.CONTENT_LENGTH, "0").equals("0");
  }

  private static boolean isWebSocket(HttpRequest request) {
    HttpHeaders headers = request.headers();
    return request.method().equals(HttpMethod.GET)
        && headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
        && headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY)
        && "13".equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION));
  }

  private void ask(ChannelHandlerContext context, HttpRequest request, QueryStringDecoder uri) {
    List<String> protocols = protocols(request);
    Connecting.Claim claim = claim(uri, request, protocols);
    Accepted accepted =
        new Accepted(
            request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY, ""),
            protocols.contains(SUBPROTOCOL));
    boolean taken =
        admission.besideLoop(() -> {
          Connecting.Judgement judgement = judge(claim);
          context.executor().execute(() -> finish(context, judgement, accepted));
        });
    if (!taken) {
      refuse(context, OVER_CAPACITY);
    }
  }

  /// What the answer to a request repeats.
  private record Accepted(String key, boolean subprotocol) {}

  private Connecting.Judgement judge(Connecting.Claim claim) {
    try {
      return admission.judge(claim);
    } catch (RuntimeException e) {
      log.error("a handshake could not be judged", e);
      return OVER_CAPACITY;
    }
  }

  private static List<String> protocols(HttpRequest request) {
    List<String> headers = request.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
    return Arrays.stream(String.join(",", headers).split(",", -1)).map(String::trim).toList();
  }

  private static Connecting.Claim claim(
      QueryStringDecoder uri, HttpRequest request, List<String> protocols) {
    String token = parameter(uri, "token");
    String authorization = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
    if (token == null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      token = authorization.substring(BEARER.length()).trim();
    }
    if (token == null && protocols.size() == 2 && protocols.getFirst().equals(SUBPROTOCOL)) {
      token = protocols.getLast();
    }
    return new Connecting.Claim(
        parameter(uri, "app"),
        token,
        parameter(uri, "device"),
        parameter(uri, "after"),
        parameter(uri, "platform"));
  }

  private static @Nullable String parameter(QueryStringDecoder uri, String name) {
    List<String> values = uri.parameters().get(name);
    return values == null || values.getFirst().isEmpty() ? null : values.getFirst();
  }

  private void finish(
      ChannelHandlerContext context, Connecting.Judgement judgement, Accepted accepted) {
    if (!context.channel().isActive()) {
      return;
    }
    switch (judgement) {
      case Connecting.Turned turned -> refuse(context, turned);
      case Connecting.Admitted admitted -> upgrade(context, admitted, accepted);
    }
  }

  private void upgrade(
      ChannelHandlerContext context, Connecting.Admitted admitted, Accepted accepted) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
    response
        .headers()
        .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
        .set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accept(accepted.key()));
    if (accepted.subprotocol()) {
      response.headers().set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL);
    }
    Channel channel = context.channel();
    context.writeAndFlush(response);
    WebSocketConnection connection = admission.connect(channel, admitted);
    channel.pipeline().addLast(new WebSocket13FrameDecoder(FRAMES), connection);
    channel.pipeline().remove(this);
    channel.pipeline().remove(HttpServerCodec.class);
    admission.opened(connection, admitted);
    channel.config().setAutoRead(true);
  }

  private static void refuse(ChannelHandlerContext context, Connecting.Turned turned) {
    String body =
        "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"code\":\"%s\",\"detail\":\"%s\"}"
            .formatted(
                HttpResponseStatus.valueOf(turned.status()).reasonPhrase(),
                turned.status(),
                turned.code(),
                turned.detail());
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(turned.status()),
            Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "application/problem+json")
        .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    if (turned.status() == HttpResponseStatus.SERVICE_UNAVAILABLE.code()) {
      response.headers().set(HttpHeaderNames.RETRY_AFTER, 1);
    }
    if (turned.status() == HttpResponseStatus.UPGRADE_REQUIRED.code()) {
      response
          .headers()
          .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
          .set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, 13);
    }
    context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  private static String accept(String key) {
    try {
      byte[] bytes = (key + GUID).getBytes(StandardCharsets.US_ASCII);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
