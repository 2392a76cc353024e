package dev.fanfare.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/// `fanfare watch` at a gateway that says what a test wants.
final class WatchCommandTest {
  private static final byte[] CREDENTIALS_OVER = {(byte) 0x88, 2, 4001 >> 8, (byte) 4001};

  private static final String HELLO =
      "{\"type\":\"hello\",\"app\":\"demo\",\"member\":\"m\",\"position\":\"1-1\"}";

  private final List<String> tokens = Collections.synchronizedList(new ArrayList<>());
  private final StringWriter err = new StringWriter();
  private final StringWriter out = new StringWriter();

  WatchCommandTest() {}

  @Test
  @Timeout(30)
  void token_that_ran_out_is_followed_by_a_new_one_and_that_one_refused_is_the_end()
      throws IOException, InterruptedException {
    int code = watch(List.of(HELLO, HELLO, ""), this::giveToken);
    assertThat(code).as("%s", err).isEqualTo(CliException.REFUSED);
    assertThat(tokens).containsExactly("token-1", "token-2", "token-3");
    assertThat(out.toString().lines()).hasSize(2).allMatch(told -> told.startsWith("connected"));
    assertThat(err.toString()).contains("the credentials are no longer valid");
  }

  @Test
  @Timeout(30)
  void who_is_interrupted_while_it_asks_for_a_token_ends()
      throws IOException, InterruptedException {
    Thread watching = Thread.currentThread();
    int code =
        watch(
            List.of(HELLO),
            exchange -> {
              switch (tokens.size()) {
                case 0 -> giveToken(exchange);
                case 1 -> { // which is not answered
                  tokens.add("none");
                  watching.interrupt();
                }
                default -> exchange.sendResponseHeaders(403, -1);
              }
            });
    assertThat(code).as("%s", err).isEqualTo(CliException.INTERRUPTED);
    assertThat(tokens).containsExactly("token-1", "none");
    assertThat(err.toString()).contains("interrupted").doesNotContain("away");
  }

  /// Runs the command to its end; its exit code.
  ///
  /// @param greetings what the gateway says first on each connection, before that is over; empty:
  ///   nothing
  /// @param token answers who asks for a token
  private int watch(List<String> greetings, HttpHandler token)
      throws IOException, InterruptedException {
    HttpServer api = api(token);
    try (ServerSocket gateway = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread devices = Thread.ofPlatform().daemon().start(() -> serve(gateway, greetings));
      String line =
          "m --server http://127.0.0.1:%d --gateway ws://127.0.0.1:%d --key k --app demo"
              .formatted(api.getAddress().getPort(), gateway.getLocalPort());
      CommandLine watch = new CommandLine(new WatchCommand());
      watch.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
      watch.setExecutionExceptionHandler((e, command, _) -> {
        command.getErr().println(e.getMessage());
        return ((CliException) e).exitCode();
      });
      int code = watch.execute(line.split(" "));
      assertThat(Thread.interrupted()).isEqualTo(code == CliException.INTERRUPTED);
      devices.join();
      return code;
    } finally {
      api.stop(0);
    }
  }

  private void serve(ServerSocket gateway, List<String> greetings) {
    for (String first : greetings) {
      try (Socket device = gateway.accept()) {
        OutputStream out = accept(device.getInputStream(), device.getOutputStream());
        if (!first.isEmpty()) {
          out.write(new byte[] {(byte) 0x81, (byte) first.length()});
          out.write(first.getBytes(UTF_8));
        }
        out.write(CREDENTIALS_OVER);
        out.flush();
        device.getInputStream().readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static OutputStream accept(InputStream in, OutputStream out) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(US_ASCII).endsWith("\r\n\r\n")) {
      head.write(in.read());
    }
    String key = head.toString(US_ASCII).replaceAll("(?is).*Sec-WebSocket-Key: (\\S+).*", "$1");
    out.write(
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: "
                + answer(key)
                + "\r\n\r\n")
            .getBytes(US_ASCII));
    return out;
  }

  /// RFC 6455, section 4.2.2.
  private static String answer(String key) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-1")
                  .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void giveToken(HttpExchange exchange) throws IOException {
    tokens.add("token-" + (tokens.size() + 1));
    byte[] body = "{\"token\":\"%s\"}".formatted(tokens.getLast()).getBytes(UTF_8);
    exchange.sendResponseHeaders(201, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static HttpServer api(HttpHandler token) throws IOException {
    HttpServer api =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    api.createContext("/v1/apps/demo/tokens", token);
    api.start();
    return api;
  }
}
