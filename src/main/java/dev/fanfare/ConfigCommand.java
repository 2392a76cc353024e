package dev.fanfare;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Prints the configuration that `serve` would run with.
@Command(
    name = "config",
    description = "Prints the effective configuration.",
    mixinStandardHelpOptions = true)
final class ConfigCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  ConfigCommand() {}

  @Override
  public Integer call() {
    ConfigOptions.config(spec.commandLine().getParseResult(), System.getenv())
        .values()
        .forEach((key, value) -> spec.commandLine().getOut().println(ConfigFile.line(key, value)));
    return 0;
  }
}
