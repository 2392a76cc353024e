package dev.fanfare.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What callers may use of the API port before they are known, and who they are.
@Timeout(60)
final class CallersTest {
  private static final int CAP = 100_000;
  private static final int FREE = 16 << 10;

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  /// Says how long the body was, and who sent it; at `/held` not before it is told to.
  private static final class Measure implements Face {
    private final CountDownLatch holds = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    @Override
    public int maxBodyBytes() {
      return CAP;
    }

    @Override
    public Response answer(Request request) {
      if (request.path().equals("/held")) {
        holds.countDown();
        await(release);
      }
      return text(
          200, request.body().length + " " + request.remoteAddress() + " " + request.encrypted());
    }

    @Override
    public Response tooLarge(Request request) {
      return text(413, "too large");
    }

    @Override
    public Response busy(Request request) {
      return text(503, "busy");
    }

    @Override
    public Response failure(Request request, RuntimeException cause) {
      return text(500, "failed");
    }

    private static Response text(int status, String text) {
      return Response.of(status, "text/plain", text.getBytes(ISO_8859_1));
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).as("in time").isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private HttpServer server(HttpServer.Limits limits, String trusted) {
    return server(limits, trusted, new Measure());
  }

  private HttpServer server(HttpServer.Limits limits, String trusted, Face face) {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server =
        HttpServer.start(
            new HttpServer.Listener(address, null, TrustedProxies.parse(trusted), limits),
            List.of(),
            face);
    open.add(server);
    return server;
  }

  private HttpServer server(int connections, int bodyBytes, Duration body) {
    return server(new HttpServer.Limits(connections, bodyBytes, body), "none");
  }

  private Socket connect(HttpServer server) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(20_000);
    open.add(socket);
    return socket;
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
  }

  private static String head(int length, String... headers) {
    return "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: "
        + length
        + "\r\n"
        + String.join("", headers)
        + "\r\n";
  }

  /// All that a server says until it closes; what it said so far when it resets.
  private static String heard(Socket socket) throws IOException {
    StringBuilder heard = new StringBuilder();
    try {
      for (int next = socket.getInputStream().read();
          next >= 0;
          next = socket.getInputStream().read()) {
        heard.append((char) next);
      }
    } catch (SocketException _) {
      heard.append("(reset)");
    }
    return heard.toString();
  }

  private String post(HttpServer server, int length) throws IOException {
    try (Socket socket = connect(server)) {
      say(socket, head(length) + "x".repeat(length));
      return heard(socket);
    }
  }

  @Test
  void large_bodies_share_one_budget_and_small_ones_go_on() throws IOException {
    Measure measure = new Measure();
    HttpServer server =
        server(new HttpServer.Limits(100, 60_000, Duration.ofMinutes(1)), "none", measure);
    Socket held = connect(server);
    say(held, head(70_000).replace("POST / ", "POST /held ") + "x".repeat(70_000));
    await(measure.holds);
    String answer = post(server, 50_000);
    assertThat(answer)
        .startsWith("HTTP/1.1 503 ")
        .containsIgnoringCase("connection: close")
        .endsWith("busy");
    assertThat(post(server, FREE)).startsWith("HTTP/1.1 200 ");
    measure.release.countDown();
    assertThat(heard(held)).contains("70000 ");
    assertThat(post(server, 50_000)).as("given back").contains("50000 ");
    assertThat(post(server, 50_000)).contains("50000 ");
    assertThat(post(server, CAP)).as("more than the budget").startsWith("HTTP/1.1 503 ");
    assertThat(post(server, CAP + 1)).startsWith("HTTP/1.1 413 ");
  }

  @Test
  void caller_that_leaves_gives_its_part_back() throws IOException {
    HttpServer server = server(100, 60_000, Duration.ofMinutes(1));
    for (int i = 0; i < 5; i++) {
      Socket leaves = connect(server);
      say(leaves, head(70_000) + "x".repeat(65_000));
      leaves.close();
    }
    String answer = post(server, 70_000);
    while (answer.startsWith("HTTP/1.1 503 ")) {
      answer = post(server, 70_000);
    }
    assertThat(answer).contains("70000 ");
  }

  @Test
  void body_of_unknown_length_has_to_have_room_for_the_largest() throws IOException {
    String chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n";
    String end = "Connection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    Socket refused = connect(server(100, CAP - FREE - 1, Duration.ofMinutes(1)));
    say(refused, chunked + end);
    assertThat(heard(refused)).startsWith("HTTP/1.1 503 ");
    Socket taken = connect(server(100, CAP - FREE, Duration.ofMinutes(1)));
    say(taken, chunked + end);
    assertThat(heard(taken)).contains("3 127.0.0.1");
  }

  @Test
  void body_that_trickles_in_ends_with_its_connection() throws IOException {
    HttpServer server = server(100, 60_000, Duration.ofSeconds(3));
    Socket slow = connect(server);
    slow.setSoTimeout(20);
    say(slow, head(1_000));
    int said = 0;
    for (boolean over = false; !over; said++) {
      try {
        say(slow, "x");
        over = slow.getInputStream().read() < 0;
      } catch (SocketTimeoutException _) {
        assertThat(said).as("bytes in all").isLessThan(900);
      } catch (SocketException _) {
        over = true;
      }
    }
    assertThat(post(server, 1_000)).startsWith("HTTP/1.1 200 ");
  }

  static Stream<String> standingStill() {
    String post = "POST / HTTP/1.1\r\nHost: h\r\n";
    return Stream.of(
        "GET / HTTP/1.1\r\nHost: h\r\n",
        post + "Content-Length: 1000\r\n\r\nx",
        post + "Content-Length: " + (CAP + 1) + "\r\n\r\n",
        post + "Transfer-Encoding: chunked\r\n\r\n3\r\nab");
  }

  @ParameterizedTest
  @MethodSource("standingStill")
  void caller_that_stands_still_loses_its_connection(String said) throws IOException {
    HttpServer server = server(1, 1 << 20, Duration.ofSeconds(1));
    Socket still = connect(server);
    say(still, said);
    assertThat(heard(still)).doesNotContain("200");
    String next = post(server, 10);
    while (next.isEmpty()) { // cut off as well, by a pause of this process
      next = post(server, 10);
    }
    assertThat(next).as("there is room for the next one").contains("10 ");
  }

  @Test
  void chunked_body_that_is_there_counts_as_what_it_is() throws IOException {
    Measure measure = new Measure();
    HttpServer server =
        server(new HttpServer.Limits(100, CAP, Duration.ofMinutes(1)), "none", measure);
    Socket held = connect(server);
    say(held, "POST /held HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    say(held, "3\r\nabc\r\n0\r\n\r\n");
    await(measure.holds);
    assertThat(post(server, CAP)).contains(CAP + " ");
    measure.release.countDown();
  }

  @Test
  void connection_beyond_the_limit_waits_for_another_to_end() throws IOException {
    HttpServer server = server(1, 60_000, Duration.ofMinutes(1));
    Socket first = connect(server);
    say(first, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(first.getInputStream().read()).isEqualTo('H');
    Socket second = connect(server);
    second.setSoTimeout(500);
    say(second, head(0));
    assertThatThrownBy(() -> second.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    first.close();
    second.setSoTimeout(20_000);
    assertThat(heard(second)).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void trusted_proxies_say_who_calls_and_whether_over_tls() throws IOException {
    String forwarded = "X-Forwarded-For: 6.6.6.6, 192.0.2.1\r\n";
    String https = "X-Forwarded-Proto: https\r\n";
    HttpServer behind = server(HttpServer.Limits.STANDARD, "127.0.0.0/8");
    HttpServer direct = server(HttpServer.Limits.STANDARD, "192.0.2.0/24");
    assertThat(ask(behind, forwarded + https)).endsWith("0 192.0.2.1 true");
    assertThat(ask(behind, forwarded)).endsWith("0 192.0.2.1 false");
    assertThat(ask(behind, "")).endsWith("0 127.0.0.1 false");
    assertThat(ask(direct, forwarded + https)).as("anybody").endsWith("0 127.0.0.1 false");
  }

  private String ask(HttpServer server, String headers) throws IOException {
    Socket socket = connect(server);
    say(socket, head(0, headers));
    return heard(socket);
  }
}
