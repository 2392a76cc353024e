package dev.fanfare.gateway;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The one request of a connection, as far as the gateway reads it.
///
/// @param claim who the device says it is, and where it stands
/// @param origin of the web page that asks; null when no browser does
/// @param forwarded the values of `X-Forwarded-For`
/// @param resumes whether an event source comes back, saying where it stood
/// @param webSocket what of it concerns a WebSocket
record DeviceRequest(
    HttpMethod method,
    String path,
    Connecting.Claim claim,
    @Nullable String origin,
    String forwarded,
    boolean resumes,
    WebSocket webSocket) {
  static final String WEB_SOCKET = "/ws";
  static final String EVENTS = "/sse";
  static final String ACKNOWLEDGEMENT = "/ack";
  static final String SUBPROTOCOL = "fanfare";
  private static final String BEARER = "Bearer ";
  private static final String LAST_EVENT_ID = "Last-Event-ID";

  /// @param key `Sec-WebSocket-Key`, empty unless it asks for a WebSocket of version 13
  /// @param subprotocol whether it offers ours
  record WebSocket(String key, boolean subprotocol) {}

  /// @throws IllegalArgumentException when the target is malformed
  static DeviceRequest of(HttpRequest request) {
    HttpHeaders headers = request.headers();
    QueryStringDecoder uri = new QueryStringDecoder(request.uri());
    List<String> protocols = protocols(headers);
    String resumed = uri.path().equals(EVENTS) ? headers.get(LAST_EVENT_ID) : null;
    Connecting.Claim claim =
        new Connecting.Claim(
            parameter(uri, "app"),
            token(uri, headers, protocols),
            parameter(uri, "device"),
            resumed == null || resumed.isEmpty() ? parameter(uri, "after") : resumed,
            parameter(uri, "platform"));
    return new DeviceRequest(
        request.method(),
        uri.path(),
        claim,
        headers.get(HttpHeaderNames.ORIGIN),
        String.join(",", headers.getAll("X-Forwarded-For")),
        resumed != null,
        new WebSocket(key(request), protocols.contains(SUBPROTOCOL)));
  }

  /// Whether a request says that a body follows.
  static boolean hasBody(HttpRequest request) {
    return HttpUtil.isTransferEncodingChunked(request)
        || !request.headers().get(HttpHeaderNames.CONTENT_LENGTH, "0").equals("0");
  }

  private static String key(HttpRequest request) {
    HttpHeaders headers = request.headers();
    boolean asks =
        request.method().equals(HttpMethod.GET)
            && headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
            && "13".equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION));
    return asks ? headers.get(HttpHeaderNames.SEC_WEBSOCKET_KEY, "") : "";
  }

  private static List<String> protocols(HttpHeaders headers) {
    List<String> values = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
    return Arrays.stream(String.join(",", values).split(",", -1)).map(String::trim).toList();
  }

  private static @Nullable String token(
      QueryStringDecoder uri, HttpHeaders headers, List<String> protocols) {
    String token = parameter(uri, "token");
    String authorization = headers.get(HttpHeaderNames.AUTHORIZATION, "");
    if (token == null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      token = authorization.substring(BEARER.length()).trim();
    }
    if (token == null && protocols.size() == 2 && protocols.getFirst().equals(SUBPROTOCOL)) {
      token = protocols.getLast();
    }
    return token;
  }

  private static @Nullable String parameter(QueryStringDecoder uri, String name) {
    List<String> values = uri.parameters().get(name);
    return values == null || values.getFirst().isEmpty() ? null : values.getFirst();
  }
}
