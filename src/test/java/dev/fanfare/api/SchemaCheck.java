package dev.fanfare.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/// Compares JSON with the part of JSON Schema that our document uses.
///
/// @param schemas by name
record SchemaCheck(JsonNode schemas) {

  /// What is not as the schema says.
  ///
  /// @param where the value is, for people
  List<String> check(JsonNode schema, JsonNode value, String where) {
    if (schema.has("$ref")) {
      String reference = schema.path("$ref").asText();
      String name = reference.substring(reference.lastIndexOf('/') + 1);
      return schemas.has(name)
          ? check(schemas.path(name), value, where)
          : List.of(where + ": no schema " + name);
    }
    if (schema.has("anyOf")) {
      List<String> last = List.of();
      for (JsonNode part : schema.path("anyOf")) {
        last = check(part, value, where);
        if (last.isEmpty()) {
          return last;
        }
      }
      return last;
    }
    List<String> wrong = new ArrayList<>();
    if (!isOfType(schema.path("type").asText(), value)) {
      wrong.add(where + " is no " + schema.path("type").asText() + " but " + value);
    }
    if (schema.has("enum") && schema.path("enum").valueStream().noneMatch(value::equals)) {
      wrong.add(where + " is none of " + schema.path("enum"));
    }
    if (value.isArray()) {
      value.forEach(item -> wrong.addAll(check(schema.path("items"), item, where + "/-")));
    }
    if (value.isObject()) {
      wrong.addAll(checkFields(schema, value, where));
    }
    return wrong;
  }

  private List<String> checkFields(JsonNode schema, JsonNode value, String where) {
    List<String> wrong = new ArrayList<>();
    for (JsonNode required : schema.path("required")) {
      if (!value.has(required.asText())) {
        wrong.add(where + " lacks " + required.asText());
      }
    }
    JsonNode more = schema.path("additionalProperties");
    value
        .properties()
        .forEach(field -> {
          String at = where + "/" + field.getKey();
          if (schema.path("properties").has(field.getKey())) {
            wrong.addAll(
                check(schema.path("properties").path(field.getKey()), field.getValue(), at));
          } else if (more.isObject()) {
            wrong.addAll(check(more, field.getValue(), at));
          } else if (more.isBoolean() && !more.booleanValue()) {
            wrong.add(at + " is not told of");
          }
        });
    return wrong;
  }

  private static boolean isOfType(String type, JsonNode value) {
    return switch (type) {
      case "string" -> value.isTextual();
      case "integer" -> value.isIntegralNumber();
      case "boolean" -> value.isBoolean();
      case "array" -> value.isArray();
      case "object" -> value.isObject();
      case "null" -> value.isNull();
      case "" -> true;
      default -> throw new IllegalArgumentException(type);
    };
  }
}
