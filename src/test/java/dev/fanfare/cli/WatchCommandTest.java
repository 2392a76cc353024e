package dev.fanfare.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

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

  private final List<String> tokens = Collections.synchronizedList(new ArrayList<>());

  WatchCommandTest() {}

  @Test
  @Timeout(30)
  void token_that_ran_out_is_followed_by_a_new_one_and_that_one_refused_is_the_end()
      throws IOException, InterruptedException {
    HttpServer api = api();
    StringWriter err = new StringWriter();
    StringWriter out = new StringWriter();
    try (ServerSocket gateway = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread devices = Thread.ofPlatform().daemon().start(() -> serve(gateway));
      String line =
          "m --server http://127.0.0.1:%d --gateway ws://127.0.0.1:%d --key k --app demo"
              .formatted(api.getAddress().getPort(), gateway.getLocalPort());
      CommandLine watch = new CommandLine(new WatchCommand());
      watch.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
      watch.setExecutionExceptionHandler((e, command, _) -> {
        command.getErr().println(e.getMessage());
        return ((CliException) e).exitCode();
      });
      assertThat(watch.execute(line.split(" "))).as("%s", err).isEqualTo(CliException.REFUSED);
      devices.join();
    } finally {
      api.stop(0);
    }
    assertThat(tokens).containsExactly("token-1", "token-2", "token-3");
    assertThat(out.toString().lines()).hasSize(2).allMatch(told -> told.startsWith("connected"));
    assertThat(err.toString()).contains("the credentials are no longer valid");
  }

  /// Two connections are good for a while, the third is none.
  private void serve(ServerSocket gateway) {
    String hello = "{\"type\":\"hello\",\"app\":\"demo\",\"member\":\"m\",\"position\":\"1-1\"}";
    for (String first : List.of(hello, hello, "")) {
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

  private HttpServer api() throws IOException {
    HttpServer api =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    api.createContext(
        "/v1/apps/demo/tokens",
        exchange -> {
          tokens.add("token-" + (tokens.size() + 1));
          byte[] body = "{\"token\":\"%s\"}".formatted(tokens.getLast()).getBytes(UTF_8);
          exchange.sendResponseHeaders(201, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    api.start();
    return api;
  }
}
