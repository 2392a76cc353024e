package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `fanfare count`.
@Command(
    name = "count",
    description = "Counts the members that an audience selects.",
    mixinStandardHelpOptions = true)
public final class CountCommand implements Callable<Integer> {
  @Mixin Connection connection = new Connection();
  @Mixin Output output = new Output();

  @Parameters(paramLabel = "EXPR", description = "Such as 'tag:vip and not city=ny'")
  String expression = "";

  @Option(names = "--sample", paramLabel = "N", description = "Shows so many ids")
  int sample;

  CountCommand() {}

  @Override
  public Integer call() {
    Client client = connection.open();
    JsonNode body = Client.object().put("audience", expression).put("sample", sample);
    output.print(
        client.post(connection.appPath(client) + "/audience:count", body), CountCommand::describe);
    return 0;
  }

  private static String describe(JsonNode answer) {
    StringBuilder text = new StringBuilder();
    text.append(members(answer.path("matched").asLong())).append(": ");
    text.append(answer.path("text").asText());
    answer
        .path("sample")
        .forEach(id -> text.append(System.lineSeparator()).append("  ").append(id.asText()));
    return text.toString();
  }

  static String members(long count) {
    return "%,d %s".formatted(count, count == 1 ? "member" : "members");
  }
}
