package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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

  @Option(
      names = "--explain",
      paramLabel = "MEMBER",
      description = "Says which parts select this member, instead of counting")
  @Nullable String explain;

  CountCommand() {}

  @Override
  public Integer call() {
    AppClient app = connection.app();
    ObjectNode body = Client.object().put("audience", expression);
    if (explain != null) {
      output.print(
          app.post("/audience:explain", body.put("member", explain)), CountCommand::describeTree);
    } else {
      output.print(app.post("/audience:count", body.put("sample", sample)), CountCommand::describe);
    }
    return 0;
  }

  private static String describeTree(JsonNode answer) {
    return answer.path("member").asText()
        + (answer.path("matches").asBoolean() ? " is selected: " : " is not selected: ")
        + answer.path("text").asText()
        + System.lineSeparator()
        + AudienceTree.print(answer.path("tree"));
  }

  private static String describe(JsonNode answer) {
    StringBuilder text = new StringBuilder();
    text.append(members(answer.path("matched").asLong()));
    text.append(", %,d online: ".formatted(answer.path("online").asLong()));
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
