package dev.fanfare.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Reads the bodies of requests without loss: numbers keep their digits, text is well-formed
/// Unicode, a name comes once in an object. What it takes can be stored, and read again by
/// [#STORED]. Any thread.
public final class ExactJson {
  /// How far the point of a decimal may be moved. An exponent near the end of 32 bits is written
  /// back as one beyond it, which nothing reads again.
  private static final int MAX_SCALE = 9_999;

  /// Deeper than whatever is stored, together with what an answer puts around it: what was accepted
  /// once can be shown.
  private static final int SHOWN_DEPTH = 2_000;

  /// What some editors and spreadsheets begin a file with.
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  /// Reads and writes what was stored, where a number can have some characters more than in the
  /// request.
  public static final JsonMapper STORED =
      mapper(
          StreamReadConstraints.builder()
              .maxNestingDepth(SHOWN_DEPTH)
              .maxNumberLength(Integer.MAX_VALUE)
              .build());

  private final JsonMapper bodies;
  private final int maxDepth;

  /// @param maxDepth how deep a body may nest
  public ExactJson(int maxDepth) {
    this.bodies = mapper(StreamReadConstraints.builder().maxNestingDepth(maxDepth).build());
    this.maxDepth = maxDepth;
  }

  // Field names are the callers': no table of them is kept.
  private static JsonMapper mapper(StreamReadConstraints readable) {
    return JsonMapper.builder(
            JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .streamReadConstraints(readable)
                .streamWriteConstraints(
                    StreamWriteConstraints.builder().maxNestingDepth(SHOWN_DEPTH).build())
                .build())
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
        .build();
  }

  /// Reads a body; a missing node when it is empty.
  ///
  /// @throws MalformedJsonException when it is not one JSON value in UTF-8, or is beyond a limit
  public JsonNode read(byte[] body) throws MalformedJsonException {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      JsonNode node = bodies.readTree(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text);
      requireStorable(node);
      return node;
    } catch (StreamConstraintsException e) {
      throw new MalformedJsonException(
          "nested deeper than " + maxDepth + " levels, or a name or number is too long");
    } catch (NumberFormatException e) {
      throw new MalformedJsonException("a number is out of range");
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw new MalformedJsonException(
          "not JSON at line " + at.getLineNr() + ", column " + at.getColumnNr());
    } catch (CharacterCodingException e) {
      throw new MalformedJsonException("not JSON in UTF-8");
    }
  }

  private static void requireStorable(JsonNode node) throws MalformedJsonException {
    if (node.isTextual()) {
      requireUnicode(node.textValue());
    }
    if (node.isBigDecimal() && Math.abs((long) node.decimalValue().scale()) > MAX_SCALE) {
      throw new MalformedJsonException("a number is out of range");
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      requireUnicode(field.getKey());
    }
    for (JsonNode part : node) {
      requireStorable(part);
    }
  }

  /// An escape can name half a character, which no UTF-8 can hold.
  private static void requireUnicode(String text) throws MalformedJsonException {
    if (text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw new MalformedJsonException("half of a surrogate pair in a string");
    }
  }
}
