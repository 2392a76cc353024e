package dev.fanfare.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.http.Face;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

/// Serves the OpenAPI document at `/openapi.json`, and at `/docs` a page that shows it and loads
/// nothing from elsewhere.
final class OpenApiFace implements Face {
  private final Map<String, Response> pages;

  OpenApiFace(JsonNode document) {
    this.pages =
        Map.of(
            "/openapi.json", Response.of(200, "application/json", Json.write(document)),
            "/docs", page("docs.html", "text/html; charset=utf-8"),
            "/docs/docs.css", page("docs.css", "text/css; charset=utf-8"),
            "/docs/docs.js", page("docs.js", "text/javascript; charset=utf-8"));
  }

  private static Response page(String file, String type) {
    try (InputStream stream = OpenApiFace.class.getResourceAsStream("docs/" + file)) {
      byte[] bytes = Objects.requireNonNull(stream, file).readAllBytes();
      return Response.of(200, type, bytes).with("Content-Security-Policy", "default-src 'self'");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  @Override
  public int maxBodyBytes() {
    return 1_024;
  }

  @Override
  public Response answer(Request request) {
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      return text(405, "GET only").with("Allow", "GET, HEAD");
    }
    Response page = pages.get(request.path());
    return page == null ? text(404, "not found") : page;
  }

  @Override
  public Response tooLarge(Request request) {
    return text(413, "body too large");
  }

  @Override
  public Response busy(Request request) {
    return text(503, "too many large requests; try again");
  }

  @Override
  public Response failure(Request request, RuntimeException cause) {
    return text(500, "failed");
  }

  private static Response text(int status, String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    return Response.of(status, "text/plain; charset=utf-8", bytes);
  }
}
