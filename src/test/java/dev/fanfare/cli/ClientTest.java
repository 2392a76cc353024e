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
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class ClientTest {
  private static final String PATH = "/asked";

  private interface Use {
    void of(Client client);
  }

  /// Has a client ask a server that answers every request with the next text.
  private static void answering(Supplier<String> texts, Use use) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        PATH,
        exchange -> {
          byte[] bytes = texts.get().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    try {
      URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
      use.of(new Client(uri, "key", null));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void stream_that_just_ends_is_asked_for_again_after_a_pause() throws IOException {
    List<Long> asked = new ArrayList<>();
    answering(
        () -> {
          asked.add(System.nanoTime());
          return asked.size() < 2 ? ":\n\n" : "event: end\ndata: {}\n\n";
        },
        client -> client.events(PATH, _ -> true));
    assertThat(asked).hasSize(2);
    assertThat(asked.getLast() - asked.getFirst()).isGreaterThan(TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void numbers_of_an_answer_keep_their_digits() throws IOException {
    String answer = "{\"body\":[1.10,1E+400,0.12345678901234567890," + "7".repeat(1_001) + "]}";
    answering(() -> answer, client -> assertThat(client.get(PATH).toString()).isEqualTo(answer));
  }
}
