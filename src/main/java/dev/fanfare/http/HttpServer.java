package dev.fanfare.http;

import io.helidon.common.tls.Tls;
import io.helidon.http.DirectHandler;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The API port: reads requests, whole or while they arrive, asks the face that a path belongs to,
/// and writes its answer.
///
/// HTTP/1.1 on Helidon, one virtual thread per connection. This is the one error boundary: whatever
/// a face throws is logged here, once, and answered by the same face. What is not HTTP never
/// reaches a face; it is answered with a bare status and the connection is closed.
public final class HttpServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpServer.class);

  /// Longer than the 60 s for which the Java SDK of Volcengine keeps unused connections.
  private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(5);

  private static final Duration IDLE_CHECK = Duration.ofSeconds(30);
  private static final Duration STOP_GRACE = Duration.ofSeconds(3);

  /// Of one read or write of a stream.
  private static final Duration STALL = Duration.ofSeconds(30);

  /// Of an answer that is not a stream.
  private static final Duration SENT_WITHIN = Duration.ofMinutes(1);

  private static final int LINGER_BYTES = 16 << 20;
  private static final int MAX_REQUEST_LINE_BYTES = 8 << 10;
  private static final int MAX_HEADERS_BYTES = 16 << 10;
  private static final String REQUEST_ID = "X-Request-Id";

  private final List<Route> routes;
  private final Face fallback;
  private final Patience patience = new Patience(STALL, System::nanoTime);
  private final Uploads uploads;
  private final Listener listener;
  private final Bodies bodies;
  private final WebServer server;

  /// Where it listens.
  ///
  /// @param address resolved; port 0 takes a free one
  /// @param tls what handshakes are made with; null for plain text
  /// @param trusted proxies that end TLS or balance before it
  public record Listener(
      InetSocketAddress address, @Nullable SSLContext tls, TrustedProxies trusted, Limits limits) {}

  /// What callers may use of the node before anybody knows them.
  ///
  /// @param connections open at once; more wait until one is closed
  /// @param bodyBytes of the bodies of all requests in flight; 16 KiB of each are not counted
  /// @param arrival for how long the headers of a request may arrive, then its body, then what is
  ///   thrown away of one that was refused
  public record Limits(int connections, long bodyBytes, Duration arrival) {
    /// What a node has that was told nothing.
    public static final Limits STANDARD = new Limits(2_000, 64L << 20, Duration.ofSeconds(30));
  }

  private HttpServer(Listener listener, List<Route> routes, Face fallback) {
    this.routes = List.copyOf(routes);
    this.fallback = fallback;
    this.listener = listener;
    Duration limit = listener.limits().arrival();
    this.uploads = new Uploads(patience, limit, this::face);
    this.bodies = new Bodies(listener.limits(), patience);
    InetSocketAddress address = listener.address();
    WebServerConfig.Builder builder = WebServer.builder();
    if (listener.tls() != null) {
      builder.tls(Tls.builder().sslContext(listener.tls()).build());
    }
    this.server =
        builder
            .shutdownHook(false)
            .address(address.getAddress())
            .port(address.getPort())
            .idleConnectionTimeout(IDLE_TIMEOUT)
            .idleConnectionPeriod(IDLE_CHECK)
            .shutdownGracePeriod(STOP_GRACE)
            .maxTcpConnections(listener.limits().connections())
            .maxPayloadSize(largestRead())
            .addProtocol(
                Http1Config.builder()
                    .maxPrologueLength(MAX_REQUEST_LINE_BYTES)
                    .maxHeadersSize(MAX_HEADERS_BYTES)
                    .validatePrologue(false)
                    .addReceiveListener(uploads)
                    .build())
            .directHandlers(refusals())
            .routing(HttpRouting.builder().any(this::handle))
            .build();
  }

  /// Listens until [#close], in plain text.
  public static HttpServer start(InetSocketAddress address, List<Route> routes, Face fallback) {
    Listener plain = new Listener(address, null, TrustedProxies.NONE, Limits.STANDARD);
    return start(plain, routes, fallback);
  }

  /// Listens until [#close].
  ///
  /// @param routes the first that takes a path gets it
  /// @param fallback gets every other path
  /// @throws UncheckedIOException when the address cannot be listened on
  public static HttpServer start(Listener listener, List<Route> routes, Face fallback) {
    InetSocketAddress address = listener.address();
    HttpServer started = new HttpServer(listener, routes, fallback);
    started.server.start();
    if (!started.server.isRunning()) {
      // Helidon logs why it cannot listen and goes on.
      String where = address.getHostString() + ":" + address.getPort();
      throw new UncheckedIOException(
          "cannot listen on " + where, new BindException("the address is in use or not ours"));
    }
    return started;
  }

  /// The port that it listens on.
  public int port() {
    return server.port();
  }

  /// Stops accepting, lets requests in flight finish (3 s at most), and closes all connections.
  @Override
  public void close() {
    server.stop();
    patience.close();
  }

  private void handle(ServerRequest incoming, ServerResponse outgoing) {
    Request bare = request(incoming);
    Face face = face(bare.path());
    try (Bodies.Body body = bodies.read(incoming, face.maxBodyBytes())) {
      answer(incoming, outgoing, new Asked(bare, face, body, uploads.taken()));
    }
  }

  /// A request whose body was read, as far as it was taken.
  ///
  /// @param upload the body that its face reads
  private record Asked(Request bare, Face face, Bodies.Body body, Optional<Upload> upload) {
    boolean whole() {
      return body.end() == Bodies.End.WHOLE;
    }
  }

  private void answer(ServerRequest incoming, ServerResponse outgoing, Asked asked) {
    long began = System.nanoTime();
    Request bare = asked.bare();
    Face face = asked.face();
    Response response =
        switch (asked.body().end()) {
          case WHOLE ->
              answer(face, with(bare, asked.body().bytes(), asked.upload().map(patience::reading)));
          case TOO_LARGE -> face.tooLarge(bare);
          case NO_ROOM -> face.busy(bare);
        };
    boolean close =
        !asked.whole()
            || asked.upload().isPresent()
            || incoming.headers().containsToken(HeaderValues.CONNECTION_CLOSE);
    String id = send(bare, response, outgoing, close);
    long micros = (System.nanoTime() - began) / 1_000;
    log.debug(
        "{} {} {} {} {} µs", id, bare.method(), bare.path(), outgoing.status().code(), micros);
    if (close) {
      if (response.stream().isPresent()) {
        // Writes the end of the stream, which otherwise happens when this method returns.
        ((RoutingResponse) outgoing).commit();
      }
      if (!asked.whole()) {
        linger(incoming, face.maxBodyBytes());
      }
      asked.upload().filter(unread -> !unread.isDone()).ifPresent(this::linger);
      throw new CloseConnectionException("answered the last request of the connection");
    }
  }

  private Face face(String path) {
    for (Route route : routes) {
      if (route.takes(path)) {
        return route.face();
      }
    }
    return fallback;
  }

  private static Response answer(Face face, Request request) {
    try {
      return face.answer(request);
    } catch (NoAnswerException e) {
      throw new CloseConnectionException("no answer would be true", e);
    } catch (RuntimeException e) {
      Response failure = face.failure(request, e);
      String id = failure.headers().getOrDefault(REQUEST_ID, newId());
      log.error("{} {} {} failed", id, request.method(), request.path(), e);
      return failure.with(REQUEST_ID, id);
    }
  }

  /// Sends the answer and returns the request id that it carries.
  private String send(Request request, Response response, ServerResponse outgoing, boolean close) {
    String id = response.headers().getOrDefault(REQUEST_ID, newId());
    outgoing.status(response.status());
    response.headers().forEach((name, value) -> outgoing.header(name, value));
    outgoing.header(REQUEST_ID, id);
    if (close) {
      outgoing.header(HeaderValues.CONNECTION_CLOSE);
    }
    if (response.stream().isPresent() && !request.method().equals("HEAD")) {
      stream(response.stream().get(), outgoing);
    } else {
      try (Patience.Waiting _ = patience.within(SENT_WITHIN)) {
        sendWhole(request, response, outgoing);
      }
    }
    return id;
  }

  private static void sendWhole(Request request, Response response, ServerResponse outgoing) {
    if (request.method().equals("HEAD") || response.body().length == 0) {
      outgoing.send();
    } else {
      outgoing.send(response.body());
    }
  }

  /// Writes a streamed body. Whatever ends it early closes the connection, so that the caller does
  /// not take a part for the whole.
  private void stream(Response.Stream stream, ServerResponse outgoing) {
    OutputStream out = patience.writing(outgoing.outputStream());
    try {
      stream.writeTo(out);
      out.close();
    } catch (IOException | UncheckedIOException e) {
      throw new CloseConnectionException("the caller left a stream", e);
    } catch (RuntimeException e) {
      log.error("a stream failed", e);
      throw new CloseConnectionException("a stream failed", e);
    }
  }

  /// Throws away some of what the caller is still sending, because closing at once would reset the
  /// connection and could take the answer from a caller that writes before it reads.
  private void linger(ServerRequest incoming, int cap) {
    if (incoming.headers().containsToken(HeaderValues.EXPECT_100)) {
      return;
    }
    try (Patience.Waiting _ = patience.within(listener.limits().arrival())) {
      incoming.content().inputStream().skip(cap);
    } catch (IOException | RuntimeException e) {
      log.trace("a caller left after it was refused", e);
    }
  }

  private void linger(Upload unread) {
    byte[] thrownAway = new byte[64 << 10];
    try (Patience.Waiting _ = patience.within(listener.limits().arrival())) {
      InputStream rest = patience.reading(unread);
      for (int bytes = 0, read; bytes < LINGER_BYTES; bytes += read) {
        read = rest.read(thrownAway);
        if (read < 0) {
          return;
        }
      }
    } catch (IOException e) {
      log.trace("a caller left after it was answered", e);
    }
  }

  /// The most that is read of a body. It exceeds every face's cap, so that a face answers for what
  /// is somewhat too large, and it bounds a single chunk, which Helidon reads whole.
  private long largestRead() {
    int largest = fallback.maxBodyBytes();
    for (Route route : routes) {
      largest = Math.max(largest, route.face().maxBodyBytes());
    }
    return 2L * largest;
  }

  private DirectHandlers refusals() {
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
      handlers.addHandler(type, this::refuse);
    }
    return handlers.build();
  }

  /// Answers what Helidon refused before there was a request to hand to a face.
  private DirectHandler.TransportResponse refuse(
      DirectHandler.TransportRequest refused,
      DirectHandler.EventType type,
      Status status,
      ServerResponseHeaders headers,
      String message) {
    log.debug("{} refused: {} {}", newId(), status.code(), type);
    Response response =
        status.code() == Status.REQUEST_ENTITY_TOO_LARGE_413.code()
            ? face(refused.path()).tooLarge(bare(refused))
            : Response.of(
                status.code(),
                "text/plain; charset=utf-8",
                (status.reasonPhrase() + "\n").getBytes(StandardCharsets.UTF_8));
    DirectHandler.TransportResponse.Builder answer =
        DirectHandler.TransportResponse.builder()
            .status(Status.create(response.status()))
            .keepAlive(false)
            .entity(response.body());
    response.headers().forEach((name, value) -> answer.header(HeaderNames.create(name), value));
    return answer.build();
  }

  private static Request bare(DirectHandler.TransportRequest refused) {
    return new Request(
        refused.method(), refused.path(), "", headers(refused.headers()), new byte[0], "");
  }

  private Request request(ServerRequest incoming) {
    Map<String, List<String>> headers = headers(incoming.headers());
    InetAddress peer =
        incoming.remotePeer().address() instanceof InetSocketAddress inet
            ? inet.getAddress()
            : InetAddress.ofLiteral("0.0.0.0");
    TrustedProxies trusted = listener.trusted();
    String forwarded = String.join(",", headers.getOrDefault("x-forwarded-for", List.of()));
    boolean proxied = trusted.trusts(peer) && isHttps(headers);
    return new Request(
        incoming.prologue().method().text(),
        incoming.path().absolute().rawPath(),
        incoming.query().rawValue(),
        headers,
        new byte[0],
        trusted.client(peer, forwarded).getHostAddress(),
        Optional.empty(),
        proxied || listener.tls() != null);
  }

  /// Whether a proxy says that its client speaks TLS.
  private static boolean isHttps(Map<String, List<String>> headers) {
    return headers.getOrDefault("x-forwarded-proto", List.of()).equals(List.of("https"));
  }

  private static Request with(Request bare, byte[] body, Optional<InputStream> upload) {
    return new Request(
        bare.method(),
        bare.path(),
        bare.query(),
        bare.headers(),
        body,
        bare.remoteAddress(),
        upload,
        bare.encrypted());
  }

  private static Map<String, List<String>> headers(Headers headers) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (Header header : headers) {
      values
          .computeIfAbsent(header.headerName().lowerCase(), _ -> new ArrayList<>())
          .addAll(header.allValues());
    }
    return values;
  }

  private static String newId() {
    return String.format(Locale.ROOT, "%016x", ThreadLocalRandom.current().nextLong());
  }
}
