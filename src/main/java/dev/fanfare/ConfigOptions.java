package dev.fanfare;

import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/// The flags that configure a node: one for each [Setting], and `--config` for the file.
final class ConfigOptions {
  private static final String FILE = "config";

  private ConfigOptions() {}

  static void addTo(CommandSpec command) {
    command.addOption(
        OptionSpec.builder("--" + FILE)
            .paramLabel("FILE")
            .type(String.class)
            .description("YAML with the same keys; or FANFARE_CONFIG")
            .build());
    for (Setting setting : Setting.values()) {
      command.addOption(option(setting));
    }
  }

  private static OptionSpec option(Setting setting) {
    OptionSpec.Builder option = OptionSpec.builder("--" + setting.key());
    if (setting.isFlag()) {
      return option.arity("0").type(boolean.class).description(setting.meaning()).build();
    }
    return option
        .type(String.class)
        .paramLabel("VALUE")
        .description(setting.meaning() + ": " + setting.unit() + "; " + setting.standard())
        .build();
  }

  /// The configuration that the flags, the environment and the file make together.
  ///
  /// @throws ConfigException when something cannot be used
  static Config config(ParseResult flags, Map<String, String> environment) {
    Map<String, String> values = new HashMap<>();
    for (OptionSpec option : flags.matchedOptions()) {
      values.put(option.longestName().substring(2), String.valueOf(option.<Object>getValue()));
    }
    return Config.of(values, environment);
  }
}
