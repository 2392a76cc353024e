package dev.fanfare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ClientTest {
  @Test
  void stream_that_just_ends_is_asked_for_again_after_a_pause() throws IOException {
    List<Long> asked = new ArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/events",
        exchange -> {
          asked.add(System.nanoTime());
          String events = asked.size() < 2 ? ":\n\n" : "event: end\ndata: {}\n\n";
          byte[] bytes = events.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    try {
      URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
      new Client(uri, "key", null).events("/events", _ -> true);
    } finally {
      server.stop(0);
    }
    assertThat(asked).hasSize(2);
    assertThat(asked.getLast() - asked.getFirst()).isGreaterThan(TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void numbers_of_an_answer_keep_their_digits() throws IOException {
    String answer = "{\"body\":[1.10,1E+400,0.12345678901234567890," + "7".repeat(1_001) + "]}";
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/message",
        exchange -> {
          byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    try {
      URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
      assertThat(new Client(uri, "key", null).get("/message").toString()).isEqualTo(answer);
    } finally {
      server.stop(0);
    }
  }
}
