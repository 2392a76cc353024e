package dev.fanfare;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The flags that configure a node.
final class ConfigOptions {
  @Option(names = "--data", paramLabel = "DIR", description = "Holds everything; ./data")
  @Nullable String data;

  @Option(names = "--api", paramLabel = "HOST:PORT", description = "HTTP API; 127.0.0.1:8080")
  @Nullable String api;

  @Option(names = "--gateway", paramLabel = "HOST:PORT", description = "Devices; 127.0.0.1:8081")
  @Nullable String gateway;

  @Option(names = "--dev", description = "Fixed, documented keys, on loopback only")
  boolean dev;

  @Option(names = "--config", paramLabel = "FILE", description = "YAML; or FANFARE_CONFIG")
  @Nullable String file;

  @Option(
      names = "--limits-profile",
      paramLabel = "PROFILE",
      description = "documented, strict or open, for new apps; documented")
  @Nullable String limitsProfile;

  @Option(names = "--block-cache", paramLabel = "BYTES", description = "Memory for reads; 64MiB")
  @Nullable String blockCache;

  @Option(names = "--max-connections", paramLabel = "N", description = "Of devices; auto")
  @Nullable String maxConnections;

  ConfigOptions() {}

  /// @throws ConfigException when something cannot be used
  Config config(Map<String, String> environment) {
    Map<String, String> flags = new HashMap<>();
    put(flags, "data", data);
    put(flags, "api", api);
    put(flags, "gateway", gateway);
    put(flags, "dev", dev ? "true" : null);
    put(flags, "config", file);
    put(flags, "limits-profile", limitsProfile);
    put(flags, "block-cache", blockCache);
    put(flags, "max-connections", maxConnections);
    return Config.of(flags, environment);
  }

  private static void put(Map<String, String> flags, String key, @Nullable String value) {
    if (value != null) {
      flags.put(key, value);
    }
  }
}
