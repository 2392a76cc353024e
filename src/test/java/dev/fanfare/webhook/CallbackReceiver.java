package dev.fanfare.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// What an app's back end would be that knows Tencent's page about the callback of push results and
/// nothing of Fanfare. It keeps each event once by its keys, over its own restarts, and is slow, or
/// fails, now and then.
final class CallbackReceiver implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final byte[] OK =
      "{\"ActionStatus\":\"OK\",\"ErrorInfo\":\"\",\"ErrorCode\":0}"
          .getBytes(StandardCharsets.UTF_8);

  private final long sdkAppId;
  private final String token;
  private final SplittableRandom random;
  private final Map<Key, JsonNode> events = new HashMap<>();
  private final List<String> complaints = new ArrayList<>();
  private HttpServer server;
  private ExecutorService threads;
  private int failures;
  private int slow;
  private int repeated;

  /// What tells one event from another.
  record Key(String taskId, String account, int eventType, int stage) {}

  /// @param token empty where requests are not signed
  CallbackReceiver(long sdkAppId, String token, long seed) throws IOException {
    this.sdkAppId = sdkAppId;
    this.token = token;
    this.random = new SplittableRandom(seed);
    this.threads = Executors.newVirtualThreadPerTaskExecutor();
    this.server = listen(0);
  }

  private HttpServer listen(int port) throws IOException {
    HttpServer listening =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    listening.setExecutor(threads);
    listening.createContext("/", this::handle);
    listening.start();
    return listening;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/push?tenant=7";
  }

  /// Drops every connection and comes back at the same address with what it had kept.
  void restart() throws IOException {
    int port = server.getAddress().getPort();
    server.stop(0);
    threads.shutdownNow();
    threads = Executors.newVirtualThreadPerTaskExecutor();
    server = listen(port);
  }

  /// The next requests fail with 500, or are answered late, at random.
  synchronized void misbehave(int failing, int late) {
    failures = failing;
    slow = late;
  }

  private void handle(HttpExchange exchange) throws IOException {
    JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
    check(exchange, body);
    boolean late;
    synchronized (this) {
      boolean fails = failures > 0 && random.nextBoolean();
      late = slow > 0 && random.nextInt(4) == 0;
      failures -= fails ? 1 : 0;
      slow -= late ? 1 : 0;
      // One that fails may have kept some of what it was sent.
      int kept = fails ? random.nextInt(body.path("Events").size() + 1) : Integer.MAX_VALUE;
      for (JsonNode event : body.path("Events")) {
        if (kept-- > 0) {
          keep(event);
        }
      }
      if (fails) {
        exchange.sendResponseHeaders(500, -1);
        exchange.close();
        return;
      }
    }
    if (late) {
      pause();
    }
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, OK.length);
    exchange.getResponseBody().write(OK);
    exchange.close();
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void keep(JsonNode event) {
    Key key =
        new Key(
            event.path("TaskId").asText(),
            event.path("To_Account").asText(),
            event.path("EventType").asInt(),
            event.path("PushStage").asInt());
    JsonNode before = events.putIfAbsent(key, event);
    if (before != null) {
      repeated++;
      complainUnless(before.equals(event), "an event came with other contents: " + event);
    }
  }

  private void check(HttpExchange exchange, JsonNode body) {
    Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
    complainUnless(exchange.getRequestMethod().equals("POST"), "not POST");
    complainUnless("7".equals(query.get("tenant")), "the URL's own query is gone");
    complainUnless(Long.toString(sdkAppId).equals(query.get("SdkAppid")), "SdkAppid " + query);
    complainUnless("Push.AllMemberPush".equals(query.get("CallbackCommand")), "command " + query);
    complainUnless("json".equals(query.get("contenttype")), "contenttype " + query);
    String time = query.getOrDefault("RequestTime", "");
    String sign = token.isEmpty() ? "" : sha256(token + time);
    complainUnless(sign.equals(query.getOrDefault("Sign", "")), "Sign " + query);
    int count = body.path("Events").size();
    complainUnless(count >= 1 && count <= 100, count + " events");
    for (JsonNode event : body.path("Events")) {
      boolean good =
          event.path("CallbackCommand").asText().equals("Push.AllMemberPush")
              && event.path("TaskId").isTextual()
              && event.path("TaskTime").isIntegralNumber()
              && event.path("EventTime").asLong() >= event.path("TaskTime").asLong()
              && event.path("PushPlatform").asInt(-1) == 0
              && event.path("ErrCode").asInt(-1) == 0
              && event.path("ErrInfo").isTextual();
      complainUnless(good, "not as the page has it: " + event);
    }
  }

  private synchronized void complainUnless(boolean good, String complaint) {
    if (!good) {
      complaints.add(complaint);
    }
  }

  private static Map<String, String> query(String raw) {
    Map<String, String> query = new HashMap<>();
    for (String part : raw.split("&", -1)) {
      String[] sides = part.split("=", 2);
      query.put(sides[0], URLDecoder.decode(sides[1], StandardCharsets.UTF_8));
    }
    return query;
  }

  private static String sha256(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  synchronized Map<Key, JsonNode> events() {
    return Map.copyOf(events);
  }

  synchronized List<String> complaints() {
    return List.copyOf(complaints);
  }

  /// How many events came that it had already.
  synchronized int repeated() {
    return repeated;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
