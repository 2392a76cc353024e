package dev.fanfare.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A well-behaved device: the WebSocket client of the JDK.
final class DeviceClient implements WebSocket.Listener, AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long SECONDS = 10;

  private final BlockingQueue<JsonNode> messages = new LinkedBlockingQueue<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final StringBuilder partial = new StringBuilder();
  private final WebSocket socket;

  private DeviceClient(WebSocket.Builder builder, URI uri) {
    this.socket = builder.buildAsync(uri, this).orTimeout(SECONDS, TimeUnit.SECONDS).join();
  }

  static DeviceClient open(int port, String target) {
    return new DeviceClient(HTTP.newWebSocketBuilder(), uri(port, target));
  }

  static DeviceClient withHeader(int port, String target, String name, String value) {
    return new DeviceClient(HTTP.newWebSocketBuilder().header(name, value), uri(port, target));
  }

  static DeviceClient withSubprotocols(int port, String target, String... names) {
    String[] more = Arrays.copyOfRange(names, 1, names.length);
    return new DeviceClient(
        HTTP.newWebSocketBuilder().subprotocols(names[0], more), uri(port, target));
  }

  private static URI uri(int port, String target) {
    return URI.create("ws://127.0.0.1:" + port + target);
  }

  String subprotocol() {
    return socket.getSubprotocol();
  }

  /// The next message, in time.
  JsonNode next() {
    try {
      JsonNode message = messages.poll(SECONDS, TimeUnit.SECONDS);
      if (message == null) {
        throw new AssertionError("no message came; closed with " + closed.getNow(null));
      }
      return message;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /// The messages up to and with the next of a type.
  List<JsonNode> next(String type) {
    List<JsonNode> heard = new ArrayList<>();
    do {
      heard.add(next());
    } while (!heard.getLast().path("type").asText().equals(type));
    return heard;
  }

  /// The messages up to and with the broadcast of this id.
  List<JsonNode> nextBroadcast(String id) {
    List<JsonNode> heard = new ArrayList<>();
    do {
      heard.add(next());
    } while (!heard.getLast().path("type").asText().equals("broadcast")
        || !heard.getLast().path("id").asText().equals(id));
    return heard;
  }

  void ack(String position) {
    say("{\"type\":\"ack\",\"position\":\"" + position + "\"}");
  }

  void read(String id) {
    say("{\"type\":\"read\",\"id\":\"" + id + "\"}");
  }

  void say(String text) {
    socket.sendText(text, true).orTimeout(SECONDS, TimeUnit.SECONDS).join();
  }

  boolean isClosed() {
    return closed.isDone();
  }

  /// The code that the server closed with, in time.
  int closeCode() {
    return closed.orTimeout(SECONDS, TimeUnit.SECONDS).join();
  }

  /// What was heard and not asked for yet.
  List<JsonNode> rest() {
    List<JsonNode> rest = new ArrayList<>();
    messages.drainTo(rest);
    return rest;
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      try {
        messages.add(JSON.readTree(partial.toString()));
      } catch (JsonProcessingException e) {
        closed.completeExceptionally(e);
      }
      partial.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed.complete(code);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    closed.completeExceptionally(error);
  }

  @Override
  public void close() {
    socket.abort();
  }
}
