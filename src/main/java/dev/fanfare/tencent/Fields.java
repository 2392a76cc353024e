package dev.fanfare.tencent;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Typed reading of one JSON object of a request. `null` is absent. What a field of another type is
/// refused with depends on the field, so that every reader is told.
///
/// @param path what is written before a field's name in a message, empty for the body itself
record Fields(ObjectNode object, String path) {
  private static final int MAX_DEPTH = 32;

  /// How far the point of a decimal may be moved. An exponent near the end of 32 bits is written
  /// back as one beyond it, which nothing reads again.
  private static final int MAX_SCALE = 9_999;

  private static final JsonMapper BODIES =
      mapper(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build());

  /// Reads what was stored, where a number can have some characters more than a request's.
  static final JsonMapper STORED =
      mapper(StreamReadConstraints.builder().maxNumberLength(Integer.MAX_VALUE).build());

  // Numbers stay as they were written, because messages are passed on. Field names are the
  // caller's: no table of them is kept.
  private static JsonMapper mapper(StreamReadConstraints readable) {
    return JsonMapper.builder(
            JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .streamReadConstraints(readable)
                .build())
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
        .build();
  }

  /// Reads a request's body: strict JSON in UTF-8, one object, no name twice in an object.
  ///
  /// @param malformed what it is refused with otherwise
  static Fields parse(byte[] body, TencentError malformed) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      boolean escapes = text.contains("\\ud") || text.contains("\\uD");
      if (BODIES.readTree(text) instanceof ObjectNode object
          && !(escapes && isTorn(object))
          && isInRange(object)) {
        return new Fields(object, "");
      }
    } catch (CharacterCodingException | JsonProcessingException | NumberFormatException e) {
      // The last is Jackson's word for an exponent that no number here can have.
      throw malformed.with("the body is not a JSON object in UTF-8");
    }
    throw malformed.with("the body is not a JSON object in UTF-8");
  }

  private static boolean isInRange(JsonNode node) {
    if (node.isBigDecimal()) {
      return Math.abs((long) node.decimalValue().scale()) <= MAX_SCALE;
    }
    for (JsonNode part : node) {
      if (!isInRange(part)) {
        return false;
      }
    }
    return true;
  }

  /// Whether some text holds half of a surrogate pair, which an escape can write and UTF-8 cannot.
  private static boolean isTorn(JsonNode node) {
    if (node.isTextual()) {
      return isTorn(node.textValue());
    }
    for (Map.Entry<String, JsonNode> member : node.properties()) {
      if (isTorn(member.getKey()) || isTorn(member.getValue())) {
        return true;
      }
    }
    return node.isArray() && node.valueStream().anyMatch(Fields::isTorn);
  }

  private static boolean isTorn(String text) {
    return text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }

  boolean has(String name) {
    return field(name).isPresent();
  }

  Optional<JsonNode> field(String name) {
    return Optional.ofNullable(object.get(name)).filter(value -> !value.isNull());
  }

  /// The name of a field as messages have it.
  String at(String name) {
    return path + name;
  }

  Optional<String> text(String name, TencentError wrong) {
    return field(name)
        .map(value -> {
          if (!value.isTextual()) {
            throw wrong.with(at(name) + " must be a string");
          }
          return value.textValue();
        });
  }

  /// An optional 0 or 1; 0 when absent.
  boolean flag(String name) {
    return field(name)
        .map(value -> {
          if (!value.isInt() || value.intValue() < 0 || value.intValue() > 1) {
            throw TencentError.BAD_JSON.with(at(name) + " must be 0 or 1");
          }
          return value.intValue() == 1;
        })
        .orElse(false);
  }

  /// A required string that is not empty.
  String requiredText(String name, TencentError wrong) {
    return text(name, wrong)
        .filter(text -> !text.isEmpty())
        .orElseThrow(() -> wrong.with(at(name) + " is required"));
  }

  /// A required array.
  List<JsonNode> array(String name, TencentError wrong) {
    return field(name)
        .filter(JsonNode::isArray)
        .orElseThrow(() -> wrong.with(at(name) + " must be an array"))
        .valueStream()
        .toList();
  }

  /// A required array of 1 to `most` elements.
  ///
  /// @param tooMany what more elements are refused with
  List<JsonNode> list(String name, int most, TencentError wrong, TencentError tooMany) {
    List<JsonNode> elements = array(name, wrong);
    if (elements.isEmpty()) {
      throw wrong.with(at(name) + " must not be empty");
    }
    if (elements.size() > most) {
      throw tooMany.with(at(name) + " must have at most " + most + " elements");
    }
    return elements;
  }

  /// A required array of 1 to `most` objects.
  List<Fields> objects(String name, int most, TencentError wrong, TencentError tooMany) {
    List<Fields> objects = new ArrayList<>();
    for (JsonNode element : list(name, most, wrong, tooMany)) {
      String place = at(name) + "[" + objects.size() + "]";
      if (!(element instanceof ObjectNode item)) {
        throw wrong.with(place + " must be an object");
      }
      objects.add(new Fields(item, place + "."));
    }
    return objects;
  }
}
