package dev.fanfare.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The fields of one JSON object of a request. What is not as asked ends the request with a problem
/// that points to the field.
///
/// @param pointer where the object is in the body, a JSON pointer
record Fields(JsonNode node, String pointer) {

  /// Refuses an object with a field that has none of these names: a misspelt field must not be
  /// taken for an absent one.
  Fields only(Set<String> names) {
    node.fieldNames()
        .forEachRemaining(name -> {
          if (!names.contains(name)) {
            throw new Problem(400, "unknown_field", "unknown field", at(name)).raise();
          }
        });
    return this;
  }

  boolean has(String name) {
    return node.has(name);
  }

  boolean isNull(String name) {
    return node.path(name).isNull();
  }

  JsonNode get(String name) {
    return node.path(name);
  }

  JsonNode required(String name) {
    if (!node.hasNonNull(name)) {
      throw new Problem(400, "missing_field", "this field is required", at(name)).raise();
    }
    return node.path(name);
  }

  /// JSON pointer to a field.
  String at(String name) {
    return pointer + "/" + name.replace("~", "~0").replace("/", "~1");
  }

  Fields object(String name) {
    return object(node.path(name), at(name));
  }

  static Fields object(JsonNode value, String pointer) {
    if (!value.isObject()) {
      throw Problem.invalid(pointer, "has to be an object").raise();
    }
    return new Fields(value, pointer);
  }

  /// The elements of an array of at most so many.
  List<JsonNode> array(String name, int most) {
    JsonNode value = node.path(name);
    if (!value.isArray()) {
      throw Problem.invalid(at(name), "has to be an array").raise();
    }
    if (value.size() > most) {
      throw Problem.invalid(at(name), "has more than " + most + " elements").raise();
    }
    return value.valueStream().toList();
  }

  String text(String name, int leastBytes, int mostBytes) {
    return text(node.path(name), at(name), leastBytes, mostBytes);
  }

  /// Text of so many bytes of UTF-8.
  static String text(JsonNode value, String pointer, int leastBytes, int mostBytes) {
    if (!value.isTextual()) {
      throw Problem.invalid(pointer, "has to be a string").raise();
    }
    int bytes = value.textValue().getBytes(StandardCharsets.UTF_8).length;
    if (bytes < leastBytes || bytes > mostBytes) {
      String range = leastBytes + " to " + mostBytes;
      throw Problem.invalid(pointer, "has to have " + range + " bytes").raise();
    }
    return value.textValue();
  }

  /// Distinct texts in the order given.
  List<String> texts(String name, int most, int mostBytes) {
    List<String> texts = new ArrayList<>();
    for (JsonNode value : array(name, most)) {
      texts.add(text(value, at(name) + "/" + texts.size(), 1, mostBytes));
    }
    return texts.stream().distinct().toList();
  }

  boolean flag(String name, boolean absent) {
    JsonNode value = node.path(name);
    if (value.isMissingNode()) {
      return absent;
    }
    if (!value.isBoolean()) {
      throw Problem.invalid(at(name), "has to be true or false").raise();
    }
    return value.booleanValue();
  }

  /// A whole number in a range, both ends included.
  long number(String name, long least, long most, long absent) {
    JsonNode value = node.path(name);
    if (value.isMissingNode()) {
      return absent;
    }
    boolean good =
        value.isIntegralNumber()
            && value.canConvertToLong()
            && value.longValue() >= least
            && value.longValue() <= most;
    if (!good) {
      String range = least + " to " + most;
      throw Problem.invalid(at(name), "has to be a whole number from " + range).raise();
    }
    return value.longValue();
  }

  /// A time, RFC 3339 or milliseconds since the epoch; milliseconds since the epoch.
  Optional<Long> time(String name) {
    JsonNode value = node.path(name);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (value.isTextual()) {
      try {
        return Optional.of(millis(OffsetDateTime.parse(value.textValue()).toInstant(), name));
      } catch (DateTimeException e) {
        throw notATime(name);
      }
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
      throw notATime(name);
    }
    return Optional.of(millis(Instant.ofEpochMilli(value.longValue()), name));
  }

  private long millis(Instant time, String name) {
    if (time.isBefore(Instant.EPOCH) || time.isAfter(Instant.parse("9999-12-31T23:59:59Z"))) {
      throw notATime(name);
    }
    return time.toEpochMilli();
  }

  private ProblemException notATime(String name) {
    return Problem.invalid(at(name), "has to be a time, such as 2026-12-01T09:00:00Z").raise();
  }
}
