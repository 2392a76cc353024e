package dev.fanfare.crash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// A device that reconnects with its cursor whenever its connection ends, and remembers what it
/// heard.
///
/// Its own thread keeps it connected; the client's threads call the listener. What still comes over
/// a connection that it has left is not heard.
final class Device implements WebSocket.Listener {
  private static final String KEY = "dev-device-key-for-trying-out-only";
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final Api api;
  private final String member;
  private final boolean acknowledges;
  private final List<String> heard = new ArrayList<>();
  private final List<Long> offsets = new ArrayList<>();
  private final List<String> gaps = new ArrayList<>();
  private final StringBuilder partial = new StringBuilder();
  private @Nullable WebSocket current;
  private @Nullable String cursor;
  private volatile boolean stopping;
  private volatile boolean connected;
  private volatile int closeCode;
  private volatile CountDownLatch ended = new CountDownLatch(1);

  Device(Api api, String member, boolean acknowledges) {
    this.api = api;
    this.member = member;
    this.acknowledges = acknowledges;
  }

  String member() {
    return member;
  }

  /// Ids of the broadcasts heard, in order.
  synchronized List<String> heard() {
    return List.copyOf(heard);
  }

  /// Journal offsets of the broadcasts heard, in order.
  synchronized List<Long> offsets() {
    return List.copyOf(offsets);
  }

  /// Positions from which it may have missed something, as it was told.
  synchronized List<String> gaps() {
    return List.copyOf(gaps);
  }

  void stop() {
    stopping = true;
  }

  /// Connects anew, with its cursor.
  void reconnect() {
    ended.countDown();
  }

  /// What the server closed its last connection with; 0 when it closed none.
  int closeCode() {
    return closeCode;
  }

  /// Whether it has caught up on a connection that is still there.
  boolean isConnected() {
    return connected;
  }

  /// Stays connected until it is stopped.
  void run() {
    while (!stopping) {
      ended = new CountDownLatch(1);
      try {
        String after = leave();
        WebSocket socket =
            api.http()
                .newWebSocketBuilder()
                .header("Authorization", "Bearer " + token())
                .connectTimeout(Duration.ofSeconds(5))
                .buildAsync(api.gateway(after == null ? "" : "after=" + after), this)
                .join();
        boolean over = false;
        while (!stopping && !over) {
          over = ended.await(50, TimeUnit.MILLISECONDS);
        }
        connected = false;
        socket.abort();
      } catch (CompletionException e) {
        pause();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /// Hears nothing more of the connection it has, and returns where it stands.
  private synchronized @Nullable String leave() {
    current = null;
    return cursor;
  }

  @Override
  public synchronized void onOpen(WebSocket socket) {
    current = socket;
    partial.setLength(0);
    socket.request(1);
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String token() {
    long now = Instant.now().getEpochSecond();
    ObjectNode claims = Api.JSON.createObjectNode();
    claims.put("sub", member).put("app", "demo").put("iat", now).put("exp", now + 3_600);
    String signed = encode("{\"alg\":\"HS256\"}") + "." + encode(claims.toString());
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(KEY.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));
      return signed + "." + BASE64.encodeToString(signature);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String encode(String text) {
    return BASE64.encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public synchronized @Nullable CompletionStage<?> onText(
      WebSocket socket, CharSequence text, boolean last) {
    if (socket.equals(current)) {
      partial.append(text);
      if (last) {
        String message = partial.toString();
        partial.setLength(0);
        hear(socket, message);
      }
      socket.request(1);
    }
    return null;
  }

  private void hear(WebSocket socket, String text) {
    JsonNode message = parse(text);
    String position = message.path("position").asText();
    switch (message.path("type").asText()) {
      case "broadcast" -> {
        heard.add(message.path("id").asText());
        offsets.add(Long.parseLong(position.substring(position.indexOf('-') + 1)));
        reach(socket, position);
      }
      case "caught-up" -> {
        connected = true;
        reach(socket, position);
      }
      case "gap" -> gaps.add(message.path("from").asText());
      default -> {
        // Says nothing about what is heard.
      }
    }
  }

  private void reach(WebSocket socket, String position) {
    cursor = position;
    if (acknowledges) {
      CompletableFuture<WebSocket> sent =
          socket.sendText("{\"type\":\"ack\",\"position\":\"" + position + "\"}", true);
      var _ = sent.exceptionally(_ -> socket);
    }
  }

  private static JsonNode parse(String text) {
    try {
      return Api.JSON.readTree(text);
    } catch (IOException e) {
      throw new AssertionError("not JSON: " + text, e);
    }
  }

  @Override
  public synchronized @Nullable CompletionStage<?> onClose(
      WebSocket socket, int code, String reason) {
    if (socket.equals(current)) {
      closeCode = code;
      end();
    }
    return null;
  }

  @Override
  public synchronized void onError(WebSocket socket, Throwable error) {
    if (socket.equals(current)) {
      end();
    }
  }

  private void end() {
    connected = false;
    ended.countDown();
  }
}
