package dev.fanfare;

import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// How this node runs: flags over environment over defaults.
///
/// A key such as `api` is the flag `--api` and the variable `FANFARE_API`.
///
/// @param data the directory that holds everything
/// @param api where the faces listen; port 0 takes a free one
/// @param gateway where devices connect; port 0 takes a free one
/// @param dev fixed credentials, on loopback only
public record Config(Path data, InetSocketAddress api, InetSocketAddress gateway, boolean dev) {
  private static final String PREFIX = "FANFARE_";

  /// Keys with their defaults, in the order shown.
  private static final Map<String, String> DEFAULTS = defaults();

  /// Variables of the commands and scripts, which are not the server's.
  private static final Set<String> FOREIGN =
      Set.of("FANFARE_SERVER", "FANFARE_KEY", "FANFARE_APP", "FANFARE_HEAP", "FANFARE_LOG_LEVEL");

  /// @throws ConfigException when the parts do not fit together
  public Config {
    if (dev
        && !(api.getAddress().isLoopbackAddress() && gateway.getAddress().isLoopbackAddress())) {
      throw new ConfigException("--dev has known keys and listens on loopback addresses only");
    }
  }

  private static Map<String, String> defaults() {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("data", "./data");
    defaults.put("api", "127.0.0.1:8080");
    defaults.put("gateway", "127.0.0.1:8081");
    defaults.put("dev", "false");
    return defaults;
  }

  /// Reads a configuration.
  ///
  /// @param flags values by key, only those given
  /// @param environment all variables of the process
  /// @throws ConfigException when a variable has no meaning or a value cannot be used
  public static Config of(Map<String, String> flags, Map<String, String> environment) {
    Map<String, String> values = new LinkedHashMap<>(DEFAULTS);
    environment.forEach((variable, value) -> {
      if (variable.startsWith(PREFIX) && !FOREIGN.contains(variable)) {
        values.put(key(variable), value);
      }
    });
    values.putAll(flags);
    return new Config(
        path(value(values, "data")),
        address("api", value(values, "api")),
        address("gateway", value(values, "gateway")),
        flag("dev", value(values, "dev")));
  }

  /// The effective values by key.
  public Map<String, String> values() {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("data", data.toString());
    values.put("api", text(api));
    values.put("gateway", text(gateway));
    values.put("dev", Boolean.toString(dev));
    return values;
  }

  private static String value(Map<String, String> values, String key) {
    return Objects.requireNonNull(values.get(key), key);
  }

  private static String key(String variable) {
    String key = variable.substring(PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '-');
    if (!DEFAULTS.containsKey(key)) {
      List<String> known = List.copyOf(DEFAULTS.keySet());
      String nearest =
          known.stream().min(Comparator.comparingInt(k -> distance(k, key))).orElseThrow();
      String name = PREFIX + nearest.toUpperCase(Locale.ROOT).replace('-', '_');
      throw new ConfigException("unknown setting " + variable + ", did you mean " + name + "?");
    }
    return key;
  }

  /// Edits between two words, after Levenshtein.
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  private static Path path(String text) {
    try {
      return Path.of(text).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw new ConfigException("data: not a path: " + text);
    }
  }

  private static boolean flag(String key, String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new ConfigException(key + ": has to be true or false, not " + text);
    };
  }

  private static InetSocketAddress address(String key, String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    String port = text.substring(colon + 1);
    if (host.isEmpty() || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
      throw new ConfigException(key + ": has to be HOST:PORT, not " + text);
    }
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    InetSocketAddress address = new InetSocketAddress(host, Integer.parseInt(port));
    if (address.isUnresolved()) {
      throw new ConfigException(key + ": no such host: " + host);
    }
    return address;
  }

  /// An address as `HOST:PORT`.
  static String text(InetSocketAddress address) {
    String host = address.getHostString();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
