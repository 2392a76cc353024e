package dev.fanfare.api;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The query of a request: each name once. What is not as asked ends the request.
record QueryFields(Map<String, String> values) {
  private static final int DEFAULT_LIMIT = 100;
  private static final int MOST_LIMIT = 1_000;

  /// Reads a raw query. A plus sign is a space, as forms and most clients have it.
  static QueryFields parse(String query) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String part : query.isEmpty() ? new String[0] : query.split("&", -1)) {
      int equals = part.indexOf('=');
      String name = decode(equals < 0 ? part : part.substring(0, equals));
      String value = equals < 0 ? "" : decode(part.substring(equals + 1));
      if (values.put(name, value) != null) {
        throw invalid(name, "comes twice");
      }
    }
    return new QueryFields(values);
  }

  private static String decode(String text) {
    return Paths.decode(text.replace("+", "%20"));
  }

  /// Refuses a parameter with none of these names: a misspelt one must not be taken for an absent
  /// one.
  void requireOnly(Collection<String> names) {
    for (String name : values.keySet()) {
      if (!names.contains(name)) {
        throw Problem.of(400, "unknown_parameter", "unknown query parameter: " + name).raise();
      }
    }
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /// A truth value; false when it is absent.
  boolean flag(String name) {
    return switch (text(name).orElse("false")) {
      case "true" -> true;
      case "false" -> false;
      default -> throw invalid(name, "has to be true or false");
    };
  }

  Optional<String> cursor() {
    return text("cursor");
  }

  /// How many items a page has.
  int limit() {
    return text("limit").map(QueryFields::limit).orElse(DEFAULT_LIMIT);
  }

  private static int limit(String text) {
    boolean good = text.matches("[1-9][0-9]{0,3}") && Integer.parseInt(text) <= MOST_LIMIT;
    if (!good) {
      throw invalid("limit", "has to be a whole number from 1 to " + MOST_LIMIT);
    }
    return Integer.parseInt(text);
  }

  static ProblemException invalid(String name, String why) {
    return Problem.of(400, "invalid_parameter", "query parameter " + name + ": " + why).raise();
  }

  static ProblemException invalidCursor() {
    return Problem.of(400, "invalid_cursor", "this cursor was not made by this server").raise();
  }
}
