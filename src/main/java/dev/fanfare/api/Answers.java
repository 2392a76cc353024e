package dev.fanfare.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.http.Response;
import java.util.Map;

/// Builds responses.
final class Answers {
  private Answers() {}

  static Response json(int status, JsonNode body) {
    return Response.of(status, "application/json", Json.write(body));
  }

  /// Done, and nothing to say.
  static Response empty() {
    return new Response(204, Map.of(), new byte[0]);
  }

  /// Tells a problem as RFC 9457 has it.
  static Response problem(Problem problem, String requestId) {
    ObjectNode body =
        Json.object()
            .put("type", "about:blank")
            .put("title", title(problem.status()))
            .put("status", problem.status());
    describe(body, problem);
    body.put("requestId", requestId);
    return Response.of(problem.status(), "application/problem+json", Json.write(body));
  }

  static void describe(ObjectNode body, Problem problem) {
    body.put("code", problem.code()).put("detail", problem.detail());
    if (!problem.pointer().isEmpty()) {
      body.put("pointer", problem.pointer());
    }
  }

  /// The reason phrase of RFC 9110, which is what `about:blank` asks for.
  private static String title(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 409 -> "Conflict";
      case 410 -> "Gone";
      case 412 -> "Precondition Failed";
      case 413 -> "Content Too Large";
      case 422 -> "Unprocessable Content";
      case 429 -> "Too Many Requests";
      case 500 -> "Internal Server Error";
      case 501 -> "Not Implemented";
      case 503 -> "Service Unavailable";
      default -> "Status " + status;
    };
  }
}
