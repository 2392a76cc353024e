package dev.fanfare.volcengine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Typed reading of one JSON object of a request.
///
/// `null` is absent, everywhere. A number is an integral JSON number without fraction, exponent or
/// quotes. A field of another type refuses the whole request with InvalidParam, naming the field.
///
/// @param path what is written before a field's name in a message, empty for the body itself
record Fields(ObjectNode object, String path) {
  private static final int MAX_DEPTH = 32;

  // Field names are the caller's, in Ext: no table of them is kept.
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                  .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /// Reads a request's body: strict JSON in UTF-8, one object.
  ///
  /// @throws VolcengineException JsonParsingError
  static Fields parse(byte[] body) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      if (JSON.readTree(text) instanceof ObjectNode object) {
        return new Fields(object, "");
      }
    } catch (CharacterCodingException | JsonProcessingException e) {
      throw VolcengineError.JSON_PARSING_ERROR.with();
    }
    throw VolcengineError.JSON_PARSING_ERROR.with();
  }

  private Optional<JsonNode> field(String name) {
    return Optional.ofNullable(object.get(name)).filter(value -> !value.isNull());
  }

  private JsonNode required(String name) {
    return field(name).orElseThrow(() -> invalid(name, "is required"));
  }

  private VolcengineException invalid(String name, String complaint) {
    return VolcengineError.INVALID_PARAM.with(path + name + " " + complaint + ".");
  }

  /// A required integer between two others, inclusive.
  long integer(String name, long min, long max) {
    return integer(name, required(name), min, max);
  }

  /// An integer between two others, inclusive.
  OptionalLong optionalInteger(String name, long min, long max) {
    return field(name).stream().mapToLong(value -> integer(name, value, min, max)).findFirst();
  }

  private long integer(String name, JsonNode value, long min, long max) {
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < min
        || value.longValue() > max) {
      throw invalid(name, "must be an integer from " + min + " to " + max);
    }
    return value.longValue();
  }

  Optional<Boolean> flag(String name) {
    return field(name)
        .map(value -> {
          if (!value.isBoolean()) {
            throw invalid(name, "must be true or false");
          }
          return value.booleanValue();
        });
  }

  Optional<String> text(String name) {
    return field(name).map(value -> text(name, value));
  }

  private String text(String name, JsonNode value) {
    if (!value.isTextual()) {
      throw invalid(name, "must be a string");
    }
    return wellFormed(name, value.textValue());
  }

  /// A `\\u` escape can name half a character, which no UTF-8 can hold.
  private String wellFormed(String name, String text) {
    if (text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw invalid(name, "must not hold an unpaired surrogate");
    }
    return text;
  }

  /// A list of strings, as sent.
  Optional<List<String>> texts(String name) {
    return field(name)
        .map(value -> {
          List<String> texts = new ArrayList<>();
          for (JsonNode item : elements(name, value)) {
            texts.add(text(name + "[" + texts.size() + "]", item));
          }
          return texts;
        });
  }

  /// An object of strings, in the order sent, without the keys whose value is null.
  Optional<Map<String, String>> textMap(String name) {
    return field(name)
        .map(value -> {
          if (!(value instanceof ObjectNode map)) {
            throw invalid(name, "must be an object");
          }
          Map<String, String> texts = new LinkedHashMap<>();
          for (Map.Entry<String, JsonNode> entry : map.properties()) {
            if (!entry.getValue().isNull()) {
              texts.put(wellFormed(name, entry.getKey()), text(name + " value", entry.getValue()));
            }
          }
          return texts;
        });
  }

  /// A required list of one to `max` elements.
  List<JsonNode> list(String name, int max) {
    List<JsonNode> elements = elements(name, required(name));
    if (elements.isEmpty() || elements.size() > max) {
      throw invalid(name, "must have 1 to " + max + " elements");
    }
    return elements;
  }

  private List<JsonNode> elements(String name, JsonNode value) {
    if (!value.isArray()) {
      throw invalid(name, "must be an array");
    }
    return value.valueStream().toList();
  }

  /// A required list of one to `max` user ids; one that comes again counts once.
  List<Long> userIds(int max) {
    List<Long> ids = new ArrayList<>();
    for (JsonNode id : list("UserIds", max)) {
      ids.add(integer("UserIds[" + ids.size() + "]", id, 1, Long.MAX_VALUE));
    }
    return ids.stream().distinct().toList();
  }
}
