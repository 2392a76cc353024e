package dev.fanfare.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A device of a member that acknowledges nothing.
final class Device implements WebSocket.Listener, AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final BlockingQueue<JsonNode> messages = new LinkedBlockingQueue<>();
  private final StringBuilder partial = new StringBuilder();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final WebSocket socket;

  private Device(String target) {
    this.socket = HTTP.newWebSocketBuilder().buildAsync(URI.create(target), this).join();
  }

  /// @param credential a device token or a UserSig
  static Device connect(int port, long app, String credential) {
    return new Device("ws://127.0.0.1:%d/ws?app=%d&token=%s".formatted(port, app, credential));
  }

  /// One that returns and knows where it was.
  static Device reconnect(int port, long app, String credential, String after) {
    return new Device(
        "ws://127.0.0.1:%d/ws?app=%d&token=%s&after=%s".formatted(port, app, credential, after));
  }

  boolean hasMessage() {
    return !messages.isEmpty();
  }

  JsonNode next() throws InterruptedException {
    JsonNode message = messages.poll(20, TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("nothing came in time");
    }
    return message;
  }

  /// Messages up to and with one of this type.
  List<JsonNode> until(String type) throws InterruptedException {
    List<JsonNode> seen = new ArrayList<>();
    do {
      seen.add(next());
    } while (!seen.getLast().path("type").asText().equals(type));
    return seen;
  }

  /// The next message, which has to be of this type.
  JsonNode next(String type) throws InterruptedException {
    JsonNode message = next();
    assertThat(message.path("type").asText()).as("%s", message).isEqualTo(type);
    return message;
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
    partial.append(text);
    if (last) {
      try {
        messages.add(JSON.readTree(partial.toString()));
      } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
        throw new IllegalStateException(e);
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

  /// With which code the server ended the connection.
  int closeCode() throws Exception {
    return closed.get(20, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    socket.abort();
  }
}
