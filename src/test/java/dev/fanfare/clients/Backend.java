package dev.fanfare.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/// What the back end of an app asks of `/v1`, of whichever start of the server runs. Any thread.
final class Backend implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();
  static final String MEMBER = "10001";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private volatile int port;

  void moveTo(int apiPort) {
    port = apiPort;
  }

  void register() {
    call("PUT", "/members/" + MEMBER, "{\"tags\":[\"listening\"]}");
  }

  String token() {
    return token(MEMBER);
  }

  /// A token of somebody, registered or not.
  String token(String member) {
    return call("POST", "/tokens", "{\"member\":\"" + member + "\"}").path("token").asText();
  }

  /// Sends a broadcast to the member.
  ///
  /// @return its id
  String send(String body) {
    String message = "{\"audience\":\"tag:listening\",\"message\":{\"body\":" + body + "}}";
    return call("POST", "/broadcasts", message).path("id").asText();
  }

  /// How many members a broadcast was delivered to, or was read by.
  long count(String id, String counter) {
    return call("GET", "/broadcasts/" + id, "").path(counter).asLong(-1);
  }

  /// What a port answers to an empty request.
  int status(int onPort, String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + onPort + path);
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()).statusCode();
  }

  private JsonNode call(String method, String path, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/apps/demo" + path))
            .timeout(Duration.ofSeconds(20))
            .header("Authorization", "Bearer dev-api-key")
            .method(method, BodyPublishers.ofString(body))
            .build();
    try {
      HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
      assertThat(answer.statusCode()).as("%s", answer.body()).isBetween(200, 202);
      return JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
