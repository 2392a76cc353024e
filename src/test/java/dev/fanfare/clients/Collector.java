package dev.fanfare.clients;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/// Where a device under test, in whatever language, learns how to connect and tells what it hears:
/// `/options`, `/token`, `/events`, and the files of the JavaScript client for pages. Any thread.
final class Collector implements AutoCloseable {
  private static final Path FILES = Path.of("clients/js").toAbsolutePath();
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<JsonNode> events = new CopyOnWriteArrayList<>();

  /// @param options what a client connects with, in the words of the JavaScript client
  /// @param token a fresh token
  Collector(JsonNode options, Supplier<String> token) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::file);
    server.createContext("/options", exchange -> answer(exchange, 200, options.toString()));
    server.createContext("/token", exchange -> token(exchange, token));
    server.createContext("/events", this::take);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /// Everything that devices told, in order.
  List<JsonNode> events() {
    return events;
  }

  private static void token(HttpExchange exchange, Supplier<String> token) throws IOException {
    try {
      answer(exchange, 200, token.get());
    } catch (RuntimeException | AssertionError e) {
      // The server is away; whoever asks comes again.
      answer(exchange, 503, "");
    }
  }

  private void take(HttpExchange exchange) throws IOException {
    events.add(JSON.readTree(exchange.getRequestBody()));
    answer(exchange, 200, "");
  }

  private void file(HttpExchange exchange) throws IOException {
    Path file = FILES.resolve(exchange.getRequestURI().getPath().substring(1)).normalize();
    if (!file.startsWith(FILES) || !Files.isRegularFile(file)) {
      answer(exchange, 404, "");
      return;
    }
    String type = file.toString().endsWith(".js") ? "text/javascript" : "text/html";
    exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
    answer(exchange, 200, Files.readString(file));
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    try (exchange) {
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
