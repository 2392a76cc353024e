package dev.fanfare.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A path with names for some of its segments, such as
/// `/v1/apps/{app}/broadcasts/{broadcast}:pause`.
record PathTemplate(String text) {

  /// The values of the named segments, or empty when the path is another one.
  ///
  /// @param path decoded segments
  Optional<Map<String, String>> match(List<String> path) {
    List<String> segments = segments();
    if (segments.size() != path.size()) {
      return Optional.empty();
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < path.size(); i++) {
      if (!match(segments.get(i), path.get(i), values)) {
        return Optional.empty();
      }
    }
    return Optional.of(values);
  }

  private static boolean match(String segment, String value, Map<String, String> values) {
    if (!segment.startsWith("{")) {
      return segment.equals(value);
    }
    int end = segment.indexOf('}');
    String suffix = segment.substring(end + 1);
    if (!value.endsWith(suffix)) {
      return false;
    }
    values.put(segment.substring(1, end), value.substring(0, value.length() - suffix.length()));
    return true;
  }

  /// The names, in order.
  List<String> names() {
    return segments().stream()
        .filter(segment -> segment.startsWith("{"))
        .map(segment -> segment.substring(1, segment.indexOf('}')))
        .toList();
  }

  /// Letters of the path that are no names: of several templates that match, the one with most of
  /// them is meant.
  int literals() {
    return text.replaceAll("\\{[^}]*}", "").length();
  }

  private List<String> segments() {
    return List.of(text.substring(1).split("/", -1));
  }
}
