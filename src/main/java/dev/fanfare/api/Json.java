package dev.fanfare.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Reads and writes JSON without loss: numbers keep their digits, text has to be well-formed
/// Unicode, a name comes once in an object.
final class Json {
  /// How deep a body may nest. An audience of 16 levels takes about half of it.
  static final int MAX_DEPTH = 64;

  /// Deeper than whatever is stored, together with what an answer puts around it: what was accepted
  /// once, here or by a dialect, can be shown.
  private static final int SHOWN_DEPTH = 2_000;

  private static final JsonMapper BODIES =
      mapper(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build());
  private static final JsonMapper STORED =
      mapper(StreamReadConstraints.builder().maxNestingDepth(SHOWN_DEPTH).build());

  private Json() {}

  private static JsonMapper mapper(StreamReadConstraints readable) {
    return JsonMapper.builder(
            JsonFactory.builder()
                .streamReadConstraints(readable)
                .streamWriteConstraints(
                    StreamWriteConstraints.builder().maxNestingDepth(SHOWN_DEPTH).build())
                .build())
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
        .build();
  }

  static ObjectNode object() {
    return STORED.createObjectNode();
  }

  /// Reads a body that has to be one JSON object.
  static Fields body(byte[] bytes) {
    JsonNode node = parse(bytes);
    if (!node.isObject()) {
      throw Problem.of(400, "invalid_json", "the body has to be a JSON object").raise();
    }
    return new Fields(node, "");
  }

  private static JsonNode parse(byte[] bytes) {
    try {
      JsonNode node = BODIES.readTree(bytes);
      requireUnicode(node);
      return node;
    } catch (StreamConstraintsException e) {
      String most = "nested deeper than " + MAX_DEPTH + " levels, or a name or number is too long";
      throw Problem.of(400, "invalid_json", most).raise();
    } catch (JsonProcessingException e) {
      String where = "line " + e.getLocation().getLineNr();
      String column = ", column " + e.getLocation().getColumnNr();
      throw Problem.of(400, "invalid_json", "not JSON at " + where + column).raise();
    } catch (IOException e) {
      throw Problem.of(400, "invalid_json", "not JSON in UTF-8").raise();
    }
  }

  /// Refuses halves of surrogate pairs, which no UTF-8 can hold.
  private static void requireUnicode(JsonNode node) {
    boolean good =
        !node.isTextual() || StandardCharsets.UTF_8.newEncoder().canEncode(node.textValue());
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      good &= StandardCharsets.UTF_8.newEncoder().canEncode(field.getKey());
    }
    if (!good) {
      throw Problem.of(400, "invalid_json", "half of a surrogate pair in a string").raise();
    }
    node.forEach(Json::requireUnicode);
  }

  /// Reads what the server itself stored.
  static JsonNode stored(byte[] bytes) {
    try {
      return STORED.readTree(bytes);
    } catch (IOException e) {
      throw new IllegalStateException("a stored message is not JSON", e);
    }
  }

  static byte[] write(JsonNode node) {
    try {
      return STORED.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can be written", e);
    }
  }
}
