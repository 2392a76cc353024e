package dev.fanfare.crash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/// `/v1` of whichever start of the server runs at the moment. Any thread.
final class Api implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();

  private static final Duration SOON = Duration.ofSeconds(30);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private volatile int port;
  private volatile int gatewayPort;

  void moveTo(int apiPort, int newGatewayPort) {
    port = apiPort;
    gatewayPort = newGatewayPort;
  }

  HttpClient http() {
    return http;
  }

  int port() {
    return port;
  }

  int gatewayPort() {
    return gatewayPort;
  }

  String root() {
    return "http://127.0.0.1:" + port;
  }

  URI gateway(String query) {
    return URI.create("ws://127.0.0.1:" + gatewayPort + "/ws?app=demo&" + query);
  }

  /// An answer, or an exception when the server was not there or died before it answered.
  HttpResponse<String> call(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(root() + "/v1/apps/demo" + path))
            .timeout(Duration.ofSeconds(20))
            .header("Authorization", "Bearer dev-api-key")
            .method(method, BodyPublishers.ofString(body));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  /// A call that takes effect once however often it is made, until its outcome is known; a success.
  JsonNode insist(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + SOON.toNanos();
    HttpResponse<String> answer = call(method, path, body, headers);
    while (answer.statusCode() == 503 && System.nanoTime() < deadline) {
      answer = call(method, path, body, headers);
    }
    if (answer.statusCode() / 100 != 2) {
      throw new AssertionError(path + " answered " + answer.statusCode() + " " + answer.body());
    }
    return JSON.readTree(answer.body());
  }

  /// What a node answers that knows what the others acknowledged; a success.
  JsonNode latest(String path) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + SOON.toNanos();
    HttpResponse<String> answer = call("GET", path, "");
    while (answer.headers().firstValue("Fanfare-Reads").isPresent()
        && System.nanoTime() < deadline) {
      answer = call("GET", path, "");
    }
    if (answer.statusCode() != 200) {
      throw new AssertionError(path + " answered " + answer.statusCode() + " " + answer.body());
    }
    return JSON.readTree(answer.body());
  }

  /// An answer that has to be a success.
  JsonNode get(String path) throws IOException, InterruptedException {
    HttpResponse<String> answer = call("GET", path, "");
    if (answer.statusCode() != 200) {
      throw new AssertionError(path + " answered " + answer.statusCode() + " " + answer.body());
    }
    return JSON.readTree(answer.body());
  }

  @Override
  public void close() {
    http.close();
  }
}
