package dev.fanfare.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The HTTP answers of the gateway, of which each is the last word of its connection.
///
/// @param page the web origin whose pages may read them; null for none
record HttpAnswers(@Nullable String page) {
  static final String GET = "GET, OPTIONS";
  static final String POST = "POST, OPTIONS";
  private static final String ANY_HEADER = "authorization, content-type, last-event-id";
  private static final String PREFLIGHT_SECONDS = "600";

  /// A refusal as problem JSON (RFC 9457).
  FullHttpResponse problem(Connecting.Turned turned) {
    HttpResponseStatus status = HttpResponseStatus.valueOf(turned.status());
    String body =
        "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"code\":\"%s\",\"detail\":\"%s\"}"
            .formatted(status.reasonPhrase(), status.code(), turned.code(), turned.detail());
    FullHttpResponse response = last(status, Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
    HttpHeaders headers = response.headers();
    headers
        .set(HttpHeaderNames.CONTENT_TYPE, "application/problem+json")
        .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
    if (status.equals(HttpResponseStatus.SERVICE_UNAVAILABLE)) {
      headers.set(HttpHeaderNames.RETRY_AFTER, 1);
    }
    if (status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
      headers.set(HttpHeaderNames.ALLOW, turned.equals(Refused.NOT_A_POST) ? POST : GET);
    }
    if (status.equals(HttpResponseStatus.UPGRADE_REQUIRED)) {
      headers
          .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
          .set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, 13);
    }
    return response;
  }

  /// Done, and nothing to say about it.
  FullHttpResponse noContent() {
    return last(HttpResponseStatus.NO_CONTENT, Unpooled.EMPTY_BUFFER);
  }

  /// What a browser wants to know before a page may ask (the CORS protocol of the Fetch standard).
  FullHttpResponse preflight(String method) {
    FullHttpResponse response = noContent();
    response
        .headers()
        .set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, method)
        .set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, ANY_HEADER)
        .set(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
    return response;
  }

  /// The head of a stream of events. It has no length and is not chunked: it ends with the
  /// connection, so that the bytes of an event are the same for everyone.
  byte[] events() {
    StringBuilder head =
        new StringBuilder("HTTP/1.1 200 OK\r\n")
            .append("Content-Type: text/event-stream\r\n")
            .append("Cache-Control: no-store\r\n")
            .append("X-Accel-Buffering: no\r\n")
            .append("Connection: close\r\n");
    if (page != null) {
      head.append("Access-Control-Allow-Origin: ").append(page).append("\r\nVary: Origin\r\n");
    }
    return head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }

  private FullHttpResponse last(HttpResponseStatus status, ByteBuf body) {
    FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    if (page != null) {
      response
          .headers()
          .set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, page)
          .set(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, HttpHeaderNames.RETRY_AFTER)
          .set(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN);
    }
    return response;
  }
}
