package dev.fanfare.webhook;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A webhook's receiver on loopback: checks signatures, keeps what came, fails when it is told to.
final class Receiver implements AutoCloseable {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<JsonNode> accepted = new ArrayList<>();
  private final Set<String> ids = new HashSet<>();
  private final List<String> complaints = new ArrayList<>();
  private volatile String secret = "";
  private volatile int failing;
  private volatile boolean endless;
  private volatile int requests;
  private volatile Runnable before = () -> {};

  Receiver() {
    try {
      this.server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
  }

  void expect(String newSecret) {
    secret = newSecret;
  }

  /// Answers with a body that does not end.
  void answerWithoutEnd() {
    endless = true;
  }

  /// Answers 500 to so many requests.
  void fail(int times) {
    failing = times;
  }

  /// Does something before each request is judged, while its sender waits.
  void before(Runnable happens) {
    before = happens;
  }

  private void handle(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String id = exchange.getRequestHeaders().getFirst("webhook-id");
    long timestamp = Long.parseLong(exchange.getRequestHeaders().getFirst("webhook-timestamp"));
    String signature = exchange.getRequestHeaders().getFirst("webhook-signature");
    int status = 204;
    before.run();
    synchronized (this) {
      requests++;
      if (!Signing.signature(secret, id, timestamp, body).equals(signature)) {
        complaints.add("a wrong signature for " + id);
      }
      if (failing > 0) {
        failing--;
        status = 500;
      } else if (ids.add(id)) {
        accepted.add(JSON.readTree(body));
      }
    }
    if (endless) {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(new byte[8]);
      exchange.getResponseBody().flush();
      return;
    }
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  /// What was accepted, each id once, in the order of arrival.
  synchronized List<JsonNode> accepted() {
    return List.copyOf(accepted);
  }

  synchronized List<String> complaints() {
    return List.copyOf(complaints);
  }

  int requests() {
    return requests;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
