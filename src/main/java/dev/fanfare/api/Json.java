package dev.fanfare.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.json.ExactJson;
import dev.fanfare.json.MalformedJsonException;
import java.io.IOException;

/// The JSON of requests and answers.
final class Json {
  /// An audience of 16 levels takes about half of it.
  private static final int MAX_DEPTH = 64;

  private static final ExactJson BODIES = new ExactJson(MAX_DEPTH);

  private Json() {}

  static ObjectNode object() {
    return ExactJson.STORED.createObjectNode();
  }

  /// Reads a body that has to be one JSON object.
  static Fields body(byte[] bytes) {
    try {
      JsonNode node = BODIES.read(bytes);
      if (!node.isObject()) {
        throw malformed("the body has to be a JSON object");
      }
      return new Fields(node, "");
    } catch (MalformedJsonException e) {
      throw malformed(e.complaint());
    }
  }

  private static ProblemException malformed(String complaint) {
    return Problem.of(400, "invalid_json", complaint).raise();
  }

  /// Reads what the server itself stored.
  static JsonNode stored(byte[] bytes) {
    try {
      return ExactJson.STORED.readTree(bytes);
    } catch (IOException e) {
      throw new IllegalStateException("a stored message is not JSON", e);
    }
  }

  static byte[] write(JsonNode node) {
    try {
      return ExactJson.STORED.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can be written", e);
    }
  }
}
