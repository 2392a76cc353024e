package dev.fanfare.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
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

  /// How far the point of a decimal may be moved. An exponent near the end of 32 bits is written
  /// back as one beyond it, which nothing reads again.
  static final int MAX_SCALE = 9_999;

  /// Deeper than whatever is stored, together with what an answer puts around it: what was accepted
  /// once, here or by a dialect, can be shown.
  private static final int SHOWN_DEPTH = 2_000;

  private static final JsonMapper BODIES =
      mapper(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build());
  private static final JsonMapper STORED =
      mapper(
          StreamReadConstraints.builder()
              .maxNestingDepth(SHOWN_DEPTH)
              .maxNumberLength(Integer.MAX_VALUE)
              .build());

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
      throw malformed("the body has to be a JSON object");
    }
    return new Fields(node, "");
  }

  private static JsonNode parse(byte[] bytes) {
    try {
      JsonNode node = BODIES.readTree(bytes);
      requireStorable(node);
      return node;
    } catch (StreamConstraintsException e) {
      throw malformed(
          "nested deeper than " + MAX_DEPTH + " levels, or a name or number is too long");
    } catch (NumberFormatException e) {
      throw malformed("a number is out of range");
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw malformed("not JSON at line " + at.getLineNr() + ", column " + at.getColumnNr());
    } catch (IOException e) {
      throw malformed("not JSON in UTF-8");
    }
  }

  private static ProblemException malformed(String complaint) {
    return Problem.of(400, "invalid_json", complaint).raise();
  }

  /// Refuses what could be read and not be stored and read again: halves of surrogate pairs, which
  /// no UTF-8 can hold, and decimals that are out of range.
  private static void requireStorable(JsonNode node) {
    boolean unicode = !node.isTextual() || isUnicode(node.textValue());
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      unicode &= isUnicode(field.getKey());
    }
    if (!unicode) {
      throw malformed("half of a surrogate pair in a string");
    }
    if (node.isBigDecimal() && Math.abs((long) node.decimalValue().scale()) > MAX_SCALE) {
      throw malformed("a number is out of range");
    }
    node.forEach(Json::requireStorable);
  }

  private static boolean isUnicode(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
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
