package dev.fanfare.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

final class HttpServerTest {
  private static final int CAP = 1_000;
  private static final String CHUNKED =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";

  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch leave = new CountDownLatch(1);
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private HttpServer server =
      HttpServer.start(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
          List.of(new Route("/v1", new Echo("v1"))),
          new Echo("fallback"));

  @BeforeAll
  static void bridge_the_log() {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }

  @BeforeEach
  void watch_the_log() {
    logged.start();
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).addAppender(logged);
  }

  @AfterEach
  void close() {
    leave.countDown();
    server.close();
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).detachAppender(logged);
  }

  /// Answers with what it was asked.
  private final class Echo implements Face {
    private final String name;

    Echo(String name) {
      this.name = name;
    }

    @Override
    public int maxBodyBytes() {
      return CAP;
    }

    @Override
    public Response answer(Request request) {
      switch (request.path()) {
        case "/throws" -> throw new IllegalStateException("planted");
        case "/silent" -> throw new NoAnswerException();
        case "/waits" -> await();
        case "/reads" -> {
          return Response.streaming(
              200, "text/plain", out -> copy(request.upload().orElseThrow(), out));
        }
        case "/leaves" -> {
          return Response.of(403, "text/plain", "no".getBytes(ISO_8859_1));
        }
        case "/streams" -> {
          return Response.streaming(200, "text/event-stream", this::stream);
        }
        case "/breaks" -> {
          return Response.streaming(
              200,
              "text/plain",
              out -> {
                out.write("a part".getBytes(ISO_8859_1));
                throw new IllegalStateException("planted");
              });
        }
        default -> {}
      }
      String text =
          String.join(
              " ",
              name,
              request.method(),
              request.path(),
              request.query(),
              request.headers().getOrDefault("x-two", List.of()).toString(),
              request.remoteAddress(),
              request.bodyText());
      return Response.of(200, "text/plain", text.getBytes(ISO_8859_1));
    }

    @Override
    public boolean readsWhileArriving(String method, String path) {
      return method.equals("POST") && (path.equals("/reads") || path.equals("/leaves"));
    }

    /// Answers each piece as it arrives; of a large one the first byte.
    private void copy(InputStream in, OutputStream out) throws IOException {
      byte[] piece = new byte[1 << 16];
      long all = 0;
      for (int read; (read = in.read(piece)) >= 0; ) {
        all += read;
        out.write(piece, 0, Math.min(read, 5));
        out.flush();
      }
      out.write((" " + all).getBytes(ISO_8859_1));
    }

    private void stream(OutputStream out) throws IOException {
      out.write("first".getBytes(ISO_8859_1));
      out.flush();
      await();
      out.write("second".getBytes(ISO_8859_1));
    }

    private void await() {
      entered.countDown();
      try {
        assertThat(leave.await(10, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public Response tooLarge(Request request) {
      return Response.of(413, "text/plain", (name + " too large").getBytes(ISO_8859_1));
    }

    @Override
    public Response busy(Request request) {
      return Response.of(503, "text/plain", (name + " busy").getBytes(ISO_8859_1));
    }

    @Override
    public Response failure(Request request, RuntimeException cause) {
      return Response.of(500, "text/plain", ("failed: " + cause.getMessage()).getBytes(ISO_8859_1));
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
  }

  /// Reads until the server closes the connection.
  private static String readAll(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
  }

  /// Reads one response that has a Content-Length.
  private static String readOne(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      assertThat(next).as("end of stream after: %s", head).isNotNegative();
      head.append((char) next);
    }
    String length = head.toString().replaceAll("(?is).*content-length: *(\\d+).*", "$1");
    return head + new String(in.readNBytes(Integer.parseInt(length)), ISO_8859_1);
  }

  private String exchange(String request) throws IOException {
    try (Socket socket = connect()) {
      write(socket, request);
      return readAll(socket);
    }
  }

  @Test
  void face_sees_the_request_as_it_was_sent() throws IOException {
    String answer =
        exchange(
            "POST /a%2Fb/../c?x=%20&y=[1] HTTP/1.1\r\nHost: h\r\nX-Two: 1\r\nx-two: 2\r\n"
                + "Content-Length: 4\r\nConnection: close\r\n\r\nbody");
    assertThat(answer)
        .startsWith("HTTP/1.1 200 OK\r\n")
        .endsWith("fallback POST /a%2Fb/../c x=%20&y=[1] [1, 2] 127.0.0.1 body");
  }

  @Test
  void a_stream_reaches_the_caller_whenever_it_is_flushed() throws Exception {
    try (Socket socket = connect()) {
      write(socket, "GET /streams HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
      StringBuilder seen = new StringBuilder();
      while (seen.indexOf("first") < 0) {
        int next = socket.getInputStream().read();
        assertThat(next).as("end of stream after: %s", seen).isNotNegative();
        seen.append((char) next);
      }
      assertThat(seen).doesNotContain("second");
      leave.countDown();
      assertThat(readAll(socket)).contains("second").endsWith("0\r\n\r\n");
    }
  }

  /// Reads until some text came.
  private static String readUntil(Socket socket, String text) throws IOException {
    StringBuilder seen = new StringBuilder();
    while (seen.indexOf(text) < 0) {
      int next = socket.getInputStream().read();
      assertThat(next).as("end of stream after: %s", seen).isNotNegative();
      seen.append((char) next);
    }
    return seen.toString();
  }

  @Test
  void an_upload_is_answered_while_it_arrives() throws IOException {
    try (Socket socket = connect()) {
      write(socket, CHUNKED.replace("POST /", "POST /reads"));
      write(socket, "5\r\nfirst\r\n");
      assertThat(readUntil(socket, "first")).startsWith("HTTP/1.1 200 OK");
      write(socket, "6;x=y\r\nsec");
      readUntil(socket, "sec");
      write(socket, "ond\r\n0\r\n\r\n");
      assertThat(readAll(socket)).contains("ond").contains(" 11").endsWith("0\r\n\r\n");
    }
    assertThat(exchange("POST /reads HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"))
        .contains("abc")
        .contains(" 3");
    assertThat(exchange("POST /reads HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"))
        .contains(" 0");
  }

  @Test
  void an_upload_has_no_limit_and_its_chunks_are_not_gathered() throws IOException {
    long large = 300L << 20;
    try (Socket socket = connect()) {
      write(socket, CHUNKED.replace("POST /", "POST /reads") + Long.toHexString(large) + "\r\n");
      byte[] piece = new byte[1 << 20];
      Thread reader = Thread.ofVirtual().start(() -> drain(socket));
      Runtime runtime = Runtime.getRuntime();
      System.gc();
      long before = runtime.totalMemory() - runtime.freeMemory();
      for (long sent = 0; sent < large - piece.length; sent += piece.length) {
        socket.getOutputStream().write(piece);
      }
      System.gc();
      assertThat(runtime.totalMemory() - runtime.freeMemory() - before).isLessThan(100L << 20);
      assertThat(reader.isAlive()).isTrue();
    }
  }

  private static void drain(Socket socket) {
    try {
      readAll(socket);
    } catch (IOException e) {
      // The test closes it.
    }
  }

  @Test
  void an_upload_is_asked_for_when_it_is_read_and_not_when_it_is_refused() throws IOException {
    String head =
        "POST /%s HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
    try (Socket socket = connect()) {
      write(socket, head.formatted("reads"));
      readUntil(socket, "HTTP/1.1 100 Continue\r\n\r\n");
      write(socket, "abc");
      assertThat(readAll(socket)).startsWith("HTTP/1.1 200 OK").contains("abc");
    }
    assertThat(exchange(head.formatted("leaves"))).startsWith("HTTP/1.1 403").endsWith("no");
  }

  @Test
  void a_refused_upload_is_answered_although_it_goes_on() throws IOException {
    try (Socket socket = connect()) {
      write(socket, "POST /leaves HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n");
      socket.getOutputStream().write(new byte[3_000_000]);
      assertThat(readAll(socket)).startsWith("HTTP/1.1 403").endsWith("no");
    }
  }

  @Test
  void an_upload_whose_end_is_not_clear_is_cut_off() throws IOException {
    String head = "POST /reads HTTP/1.1\r\nHost: h\r\n";
    for (String framing :
        List.of(
            "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
            "Content-Length: -3\r\n\r\nabc",
            "Content-Length: x\r\n\r\nabc",
            "Transfer-Encoding: gzip\r\n\r\nabc",
            "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc",
            "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n" + "1".repeat(2_000))) {
      assertThat(exchange(head + framing)).as(framing).doesNotContain("0\r\n\r\n");
    }
  }

  @Test
  void a_stream_that_fails_does_not_look_whole() throws IOException {
    assertThat(exchange("GET /breaks HTTP/1.1\r\nHost: h\r\n\r\n")).doesNotContain("0\r\n\r\n");
  }

  @Test
  void the_connection_is_closed_without_a_byte_when_no_answer_would_be_true() throws Exception {
    assertThat(exchange("GET /silent HTTP/1.1\r\nHost: h\r\n\r\n")).isEmpty();
  }

  @Test
  void a_failure_and_its_line_in_the_log_share_their_request_id() throws IOException {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    Logger log = (Logger) LoggerFactory.getLogger(HttpServer.class);
    lines.start();
    log.addAppender(lines);
    String answer;
    try {
      answer = exchange("GET /throws HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    } finally {
      log.detachAppender(lines);
    }
    String id = answer.replaceAll("(?is).*x-request-id: *([0-9a-f]+).*", "$1");
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .contains(id + " GET /throws failed");
  }

  @Test
  void path_prefix_chooses_the_face() throws IOException {
    try (Socket socket = connect()) {
      for (String path : List.of("/v1", "/v1/apps", "/v1x", "/")) {
        write(socket, "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
        String face = path.equals("/v1") || path.equals("/v1/apps") ? "v1" : "fallback";
        assertThat(readOne(socket)).contains("\r\n\r\n" + face + " GET " + path + " ");
      }
    }
  }

  @Test
  void pipelined_requests_are_answered_in_order_on_one_connection() throws IOException {
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      requests
          .append("POST /" + i + " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n")
          .append("abc");
    }
    try (Socket socket = connect()) {
      write(socket, requests.toString());
      for (int i = 0; i < 50; i++) {
        assertThat(readOne(socket)).contains("POST /" + i + " ").endsWith(" abc");
      }
    }
  }

  @Test
  void chunked_body_is_put_together() throws IOException {
    try (Socket socket = connect()) {
      for (int round = 0; round < 2; round++) {
        write(socket, CHUNKED + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
        assertThat(readOne(socket)).endsWith(" abcde");
      }
    }
  }

  @Test
  void body_of_exactly_the_cap_is_taken() throws IOException {
    String body = "x".repeat(CAP);
    try (Socket socket = connect()) {
      write(socket, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + body);
      assertThat(readOne(socket)).endsWith(" " + body);
      write(socket, CHUNKED + "3e8\r\n" + body + "\r\n0\r\n\r\n");
      assertThat(readOne(socket)).endsWith(" " + body);
    }
  }

  @Test
  void length_over_the_cap_is_refused_before_the_body_arrives() throws IOException {
    try (Socket socket = connect()) {
      write(socket, "POST /v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n");
      assertThat(readOne(socket))
          .startsWith("HTTP/1.1 413 ")
          .containsIgnoringCase("connection: close")
          .endsWith("v1 too large");
    }
    for (String length : List.of("2001", "9999999999")) {
      assertThat(
              exchange("POST /v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n"))
          .startsWith("HTTP/1.1 413 ")
          .endsWith("v1 too large");
    }
  }

  @Test
  void caller_that_writes_before_it_reads_still_gets_the_refusal() throws IOException {
    assertThat(
            exchange(
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1900\r\n\r\n" + "x".repeat(1_900)))
        .endsWith("fallback too large");
  }

  @Test
  void chunked_body_is_refused_once_it_grows_over_the_cap() throws IOException {
    String small = "64\r\n" + "x".repeat(100) + "\r\n";
    try (Socket socket = connect()) {
      write(socket, CHUNKED + small.repeat(11));
      assertThat(readOne(socket)).startsWith("HTTP/1.1 413 ").endsWith("fallback too large");
    }
    try (Socket socket = connect()) {
      write(socket, CHUNKED + "7fffffff\r\nx");
      assertThat(readOne(socket)).startsWith("HTTP/1.1 413 ").endsWith("fallback too large");
    }
  }

  @Test
  void rest_of_a_refused_body_is_never_taken_for_a_request() throws IOException {
    String hidden = "GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n";
    assertThat(
            exchange(
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n" + hidden.repeat(5)))
        .doesNotContain("hidden");
    assertThat(
            exchange(
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1500\r\n\r\n" + hidden.repeat(50)))
        .doesNotContain("hidden");
  }

  @Test
  void what_a_face_throws_is_answered_by_it_and_the_connection_lives_on() throws IOException {
    try (Socket socket = connect()) {
      write(socket, "GET /throws HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(readOne(socket)).startsWith("HTTP/1.1 500 ").endsWith("failed: planted");
      write(socket, "GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(readOne(socket)).contains("GET /next");
    }
    assertThat(logged.list).filteredOn(e -> e.getLevel() == Level.ERROR).hasSize(1);
  }

  @Test
  void what_is_not_http_is_refused_in_silence() throws IOException {
    assertThat(exchange("GET / HTTP/1.1\r\nHost: h\r\nbroken header\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
    assertThat(exchange("GET / HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(20_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 4");
    assertThat(exchange("GET /" + "x".repeat(10_000) + " HTTP/1.1\r\nHost: h\r\n\r\n"))
        .startsWith("HTTP/1.1 414 ");
    assertThat(exchange("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
    exchange(CHUNKED + "xyz\r\nabc\r\n");
    exchange("GET\r\n\r\n");
    exchange("nonsense\r\n\r\n");
    exchange("\u0016\u0003\u0001\u0002\r\n\r\n");
    exchange("GET / HTTP/1.0\r\n\r\n");
    try (Socket leaver = connect()) {
      write(leaver, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
    }
    assertThat(logged.list).filteredOn(e -> e.getLevel().isGreaterOrEqual(Level.WARN)).isEmpty();
  }

  @Test
  void closing_finishes_what_is_in_flight() throws Exception {
    try (Socket busy = connect();
        Socket idle = connect();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      write(idle, "GET /before HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(readOne(idle)).contains("GET /before");
      write(busy, "GET /waits HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
      Future<?> closed = threads.submit(() -> server.close());
      while (canConnect()) {
        Thread.onSpinWait();
      }
      leave.countDown();
      assertThat(readOne(busy)).contains("GET /waits");
      assertThat(readAll(idle)).isEmpty();
      closed.get(10, TimeUnit.SECONDS);
    }
  }

  private boolean canConnect() {
    try (Socket socket = connect()) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void address_in_use_is_a_failure() {
    InetSocketAddress used = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
    assertThatThrownBy(() -> HttpServer.start(used, List.of(), new Echo("second")).close())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("cannot listen on ")
        .hasMessageEndingWith(":" + server.port());
  }

  @Test
  void health_is_plain_and_readiness_gives_reasons() {
    HealthFace ready = new HealthFace(List::of);
    HealthFace behind = new HealthFace(() -> List.of("disk full", "behind"));
    assertThat(ready.answer(get("/healthz")).status()).isEqualTo(200);
    assertThat(ready.answer(get("/readyz")).status()).isEqualTo(200);
    assertThat(behind.answer(get("/healthz")).status()).isEqualTo(200);
    Response refused = behind.answer(get("/readyz"));
    assertThat(refused.status()).isEqualTo(503);
    assertThat(new String(refused.body(), ISO_8859_1)).isEqualTo("disk full\nbehind\n");
  }

  private static Request get(String path) {
    return new Request("GET", path, "", java.util.Map.of(), new byte[0], "");
  }
}
