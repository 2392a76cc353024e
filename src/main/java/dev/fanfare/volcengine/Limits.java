package dev.fanfare.volcengine;

import dev.fanfare.app.Size;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Limits of single values. Each returns what is wrong, if anything, as a message that names the
/// field; the action decides whether that concerns one user or all.
final class Limits {
  private Limits() {}

  /// The refusal of a whole request.
  static VolcengineException refused(String complaint) {
    return VolcengineError.INVALID_PARAM.with(complaint);
  }

  /// Refuses a whole request.
  static void refuse(String complaint) {
    throw refused(complaint);
  }

  /// @param max in Unicode code points
  static Optional<String> characters(String name, String text, int max) {
    return text.codePointCount(0, text.length()) > max
        ? Optional.of(name + " must have at most " + max + " characters.")
        : Optional.empty();
  }

  static Optional<String> oneTo(int max, String name, int size) {
    return size < 1 || size > max
        ? Optional.of(name + " must have 1 to " + max + " elements.")
        : Optional.empty();
  }

  /// How many tags a member may have is judged in journal order, not here.
  static Optional<String> tags(Settings settings, String name, List<String> tags) {
    int most = settings.most(Size.VOLCENGINE_TAG);
    return tags.stream().anyMatch(tag -> tag.isEmpty() || bytes(tag) > most)
        ? Optional.of(name + " must hold tags of 1 to " + most + " bytes.")
        : Optional.empty();
  }

  static Optional<String> ext(Settings settings, String name, Map<String, String> ext) {
    int entries = settings.most(Size.VOLCENGINE_EXT);
    int keyBytes = settings.most(Size.VOLCENGINE_EXT_KEY);
    int valueBytes = settings.most(Size.VOLCENGINE_EXT_VALUE);
    if (ext.size() > entries) {
      return Optional.of(name + " must have at most " + entries + " entries.");
    }
    if (ext.keySet().stream().anyMatch(key -> key.startsWith("s:"))) {
      return Optional.of(name + " must not have a key that starts with s:, which is reserved.");
    }
    if (ext.keySet().stream().anyMatch(key -> bytes(key) > keyBytes)) {
      return Optional.of(name + " must have keys of at most " + keyBytes + " bytes.");
    }
    return ext.values().stream().anyMatch(value -> bytes(value) > valueBytes)
        ? Optional.of(name + " must have values of at most " + valueBytes + " bytes.")
        : Optional.empty();
  }

  static int bytes(String text) {
    return Hashes.utf8(text).length;
  }
}
