package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Prints answers: for people, or as one line of JSON with `--json`.
final class Output {
  @Option(names = "--json", description = "Prints JSON")
  boolean json;

  @Spec(Spec.Target.MIXEE)
  CommandSpec command = CommandSpec.create();

  Output() {}

  void print(JsonNode answer, Function<JsonNode, String> forPeople) {
    line(json ? answer.toString() : forPeople.apply(answer));
  }

  void line(String text) {
    command.commandLine().getOut().println(text);
  }
}
