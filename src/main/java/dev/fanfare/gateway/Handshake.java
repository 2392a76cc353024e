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
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The one HTTP request of a connection: `GET /ws`. Judged beside the event loop, because that
/// reads the store; then the connection becomes a WebSocket, or gets its refusal and is closed.
final class Handshake extends ChannelInboundHandlerAdapter {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final WebSocketDecoderConfig FRAMES =
      WebSocketDecoderConfig.newBuilder()
          .expectMaskedFrames(true)
          .allowExtensions(false)
          .maxFramePayloadLength(4_096)
          .closeOnProtocolViolation(false)
          .withUTF8Validator(true)
          .build();

  private final Admission admission;
  private boolean asked;

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
    QueryStringDecoder uri = new QueryStringDecoder(request.uri());
    String key = request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY);
    if (request.decoderResult().isFailure()) {
      refuse(context, new Connecting.Turned(400, "bad_request", "The request is malformed."));
    } else if (!uri.path().equals("/ws")) {
      refuse(context, new Connecting.Turned(404, "not_found", "Devices connect to /ws."));
    } else if (!request.method().equals(HttpMethod.GET)
        || key == null
        || !"13".equals(request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
      refuse(
          context,
          new Connecting.Turned(426, "not_a_websocket", "This is a WebSocket, version 13."));
    } else {
      Connecting.Claim claim = claim(uri, request);
      boolean subprotocol = request.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
      boolean taken =
          admission.besideLoop(() -> {
            Connecting.Judgement judgement = admission.judge(claim);
            context.executor().execute(() -> finish(context, judgement, key, subprotocol));
          });
      if (!taken) {
        refuse(context, new Connecting.Turned(503, "over_capacity", "Try again later."));
      }
    }
  }

  private static Connecting.Claim claim(QueryStringDecoder uri, HttpRequest request) {
    String token = parameter(uri, "token");
    String authorization = request.headers().get(HttpHeaderNames.AUTHORIZATION);
    if (token == null && authorization != null && authorization.startsWith("Bearer ")) {
      token = authorization.substring("Bearer ".length()).trim();
    }
    String protocols = request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
    if (token == null && protocols != null) {
      String[] values = protocols.split(",", -1);
      token = values.length == 2 ? values[1].trim() : null;
    }
    return new Connecting.Claim(
        parameter(uri, "app"), token, parameter(uri, "device"), parameter(uri, "after"));
  }

  private static @Nullable String parameter(QueryStringDecoder uri, String name) {
    List<String> values = uri.parameters().get(name);
    return values == null || values.getFirst().isEmpty() ? null : values.getFirst();
  }

  private void finish(
      ChannelHandlerContext context,
      Connecting.Judgement judgement,
      String key,
      boolean subprotocol) {
    if (!context.channel().isActive()) {
      return;
    }
    switch (judgement) {
      case Connecting.Turned turned -> refuse(context, turned);
      case Connecting.Admitted admitted -> upgrade(context, admitted, key, subprotocol);
    }
  }

  private void upgrade(
      ChannelHandlerContext context,
      Connecting.Admitted admitted,
      String key,
      boolean subprotocol) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
    response
        .headers()
        .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
        .set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accept(key));
    if (subprotocol) {
      response.headers().set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, "fanfare");
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
