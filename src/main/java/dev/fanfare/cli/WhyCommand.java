package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `fanfare why`.
@Command(
    name = "why",
    description = "Says why a member got a broadcast or did not.",
    mixinStandardHelpOptions = true)
public final class WhyCommand implements Callable<Integer> {
  @Mixin Connection connection = new Connection();
  @Mixin Output output = new Output();

  @Parameters(index = "0", paramLabel = "BROADCAST")
  String broadcast = "";

  @Parameters(index = "1", paramLabel = "MEMBER")
  String member = "";

  WhyCommand() {}

  @Override
  public Integer call() {
    String path = AppClient.broadcast(broadcast) + "/recipients/" + Client.segment(member);
    output.print(connection.app().get(path), WhyCommand::describe);
    return 0;
  }

  private static String describe(JsonNode why) {
    String text = why.path("text").asText();
    return why.has("tree")
        ? text + System.lineSeparator() + AudienceTree.print(why.path("tree"))
        : text;
  }
}
