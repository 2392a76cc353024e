import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The options of a benchmark: `--name value`, each at most once. Wrong usage ends the program with
/// status 2.
final class Options {
  private final String usage;
  private final Map<String, String> values = new HashMap<>();

  /// @param usage one line that names every option as `--name`
  Options(String usage, String... arguments) {
    this.usage = usage;
    List<String> known = Arrays.asList(usage.split("[^-a-z]+"));
    for (int i = 0; i < arguments.length; i += 2) {
      String name = arguments[i];
      boolean good = name.startsWith("--") && known.contains(name) && i + 1 < arguments.length;
      if (!good || values.put(name.substring(2), arguments[i + 1]) != null) {
        throw wrong(name);
      }
    }
  }

  private RuntimeException wrong(String what) {
    System.err.println("wrong or missing: " + what + "\nusage: " + usage);
    System.exit(2);
    return new IllegalStateException("unreachable");
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  String text(String name) {
    if (!has(name)) {
      throw wrong("--" + name);
    }
    return values.get(name);
  }

  /// A whole number from 0 to 2 billion.
  int number(String name, int fallback) {
    if (!has(name)) {
      return fallback;
    }
    try {
      return Integer.parseUnsignedInt(text(name));
    } catch (NumberFormatException e) {
      throw wrong("--" + name + " " + text(name));
    }
  }

  /// A whole number from 1.
  int positive(String name, int fallback) {
    int value = number(name, fallback);
    if (value < 1) {
      throw wrong("--" + name + " " + value);
    }
    return value;
  }
}
