package dev.fanfare.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;

/// Tells a supervisor whether the process lives (`/healthz`) and whether it may get traffic
/// (`/readyz`).
public final class HealthFace implements Face {
  private static final String TEXT = "text/plain; charset=utf-8";

  private final Supplier<List<String>> obstacles;

  /// @param obstacles why the node is not ready, a line each; empty when it is
  public HealthFace(Supplier<List<String>> obstacles) {
    this.obstacles = obstacles;
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
    return switch (request.path()) {
      case "/healthz" -> text(200, "alive");
      case "/readyz" -> {
        List<String> reasons = obstacles.get();
        yield reasons.isEmpty() ? text(200, "ready") : text(503, String.join("\n", reasons));
      }
      default -> text(404, "not found");
    };
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
    return text(503, "failing");
  }

  private static Response text(int status, String line) {
    return Response.of(status, TEXT, (line + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
