package dev.fanfare.volcengine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fanfare.PackagedServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.IntSupplier;

/// A caller of a packaged server's first app, without an SDK in between. Any number of threads may
/// use it.
public final class SignedClient {
  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final IntSupplier port;
  private final JsonNode app;

  public SignedClient(PackagedServer server) {
    this(server::apiPort, server.credentials().path("apps").path(0));
  }

  /// @param port of the API, which may change
  /// @param app as `credentials.json` has it
  public SignedClient(IntSupplier port, JsonNode app) {
    this.port = port;
    this.app = app;
  }

  public int appId() {
    return app.at("/volcengine/appId").asInt();
  }

  TestSigner signer() {
    return new TestSigner(
        app.at("/volcengine/accessKey").asText(), app.at("/volcengine/secretKey").asText());
  }

  /// Calls an action with a body that lacks only its AppId, and returns the Result.
  JsonNode result(String action, String fields) throws Exception {
    HttpResponse<String> response = send(action, "{\"AppId\":" + appId() + "," + fields + "}");
    JsonNode answer = JSON.readTree(response.body());
    if (response.statusCode() != 200 || !answer.has("Result")) {
      throw new AssertionError(action + " " + fields + ": " + response.body());
    }
    return answer.path("Result");
  }

  public HttpResponse<String> send(String action, String body)
      throws IOException, InterruptedException {
    Map<String, String> query = FakeServer.query(action);
    URI uri = uri("/?" + TestSigner.query(query));
    Map<String, String> given = Map.of("host", uri.getAuthority());
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(Duration.ofSeconds(30))
            .POST(BodyPublishers.ofString(body));
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    signer()
        .headers(query, given, bytes, Instant.now())
        .forEach((name, value) -> {
          if (!name.equals("host")) {
            request.header(name, value);
          }
        });
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }

  /// What the native API says of a broadcast.
  JsonNode broadcast(String id) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(uri("/v1/apps/demo/broadcasts/" + id))
            .header("Authorization", "Bearer " + app.path("apiKey").asText())
            .build();
    return JSON.readTree(HTTP.send(request, BodyHandlers.ofString()).body());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port.getAsInt() + path);
  }
}
