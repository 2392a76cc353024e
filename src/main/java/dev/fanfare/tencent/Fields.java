package dev.fanfare.tencent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.json.ExactJson;
import dev.fanfare.json.MalformedJsonException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Typed reading of one JSON object of a request. `null` is absent. What a field of another type is
/// refused with depends on the field, so that every reader is told.
///
/// @param path what is written before a field's name in a message, empty for the body itself
record Fields(ObjectNode object, String path) {
  private static final ExactJson BODIES = new ExactJson(32);

  /// Reads a request's body: strict JSON in UTF-8, one object, no name twice in an object.
  ///
  /// @param malformed what it is refused with otherwise
  static Fields parse(byte[] body, TencentError malformed) {
    try {
      if (BODIES.read(body) instanceof ObjectNode object) {
        return new Fields(object, "");
      }
    } catch (MalformedJsonException _) {
      throw malformed.with("the body is not a JSON object in UTF-8");
    }
    throw malformed.with("the body is not a JSON object in UTF-8");
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
