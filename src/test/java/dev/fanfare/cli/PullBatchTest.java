package dev.fanfare.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PullBatchTest {
  private final List<String> written = new ArrayList<>();
  private HttpServer server;
  private PullBatch batch;

  PullBatchTest() {}

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/apps/demo", this::answer);
    server.start();
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    batch = new PullBatch(new AppClient(new Client(address, "key", null), "/v1/apps/demo"), true);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  /// Knows one member.
  private void answer(HttpExchange exchange) throws IOException {
    String answer = "{\"members\":[{\"id\":\"1\",\"tags\":[\"a\",\"b\"]}]}";
    if (exchange.getRequestMethod().equals("POST")) {
      written.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
      answer = "{\"outcomes\":[{\"ok\":true}]}";
    }
    byte[] body = answer.getBytes(UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private PullBatch.Result bring(String... tags) {
    ObjectNode vendor = Client.object();
    for (String tag : tags) {
      vendor.withArray("/tags").add(tag);
    }
    return batch.bring(List.of("1"), Map.of("1", vendor));
  }

  @Test
  void tags_in_another_order_are_no_difference() {
    assertThat(bring("b", "a")).isEqualTo(new PullBatch.Result(List.of(), 0, 0));
    assertThat(written).isEmpty();
  }

  @Test
  void other_tags_are_written() {
    assertThat(bring("b").changed()).isEqualTo(1);
    assertThat(bring("b", "a", "c").changed()).isEqualTo(1);
    assertThat(written).hasSize(2).last().asString().contains("\"tags\":[\"b\",\"a\",\"c\"]");
  }
}
