package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `fanfare audit`.
@Command(
    name = "audit",
    description = "Shows who did what, newest first; with --app only what concerns that app.",
    mixinStandardHelpOptions = true)
public final class AuditCommand implements Callable<Integer> {
  @Mixin Connection connection = new Connection();
  @Mixin Output output = new Output();

  @Option(names = "--limit", paramLabel = "N", description = "At most 1000", defaultValue = "100")
  int limit;

  @Option(names = "--cursor", paramLabel = "CURSOR", description = "Goes on where a list ended")
  @Nullable String cursor;

  AuditCommand() {}

  @Override
  public Integer call() {
    StringBuilder path = new StringBuilder("/v1/audit?limit=").append(limit);
    if (connection.app != null) {
      path.append("&app=").append(Client.value(connection.app));
    }
    if (cursor != null) {
      path.append("&cursor=").append(Client.value(cursor));
    }
    output.print(connection.open().get(path.toString()), AuditCommand::table);
    return 0;
  }

  private static String table(JsonNode answer) {
    String lines =
        answer
            .path("entries")
            .valueStream()
            .map(AuditCommand::line)
            .collect(Collectors.joining(System.lineSeparator()));
    return answer.has("cursor")
        ? lines + System.lineSeparator() + "more with --cursor " + answer.path("cursor").asText()
        : lines;
  }

  private static String line(JsonNode entry) {
    String what =
        entry.has("members")
            ? "%,d until %s"
                .formatted(entry.path("members").asLong(), entry.path("lastTime").asText())
            : entry.path("target").asText();
    return "%-24s  %-12s  %-28s  %-18s  %s"
        .formatted(
            entry.path("time").asText(),
            entry.path("app").asText(),
            entry.path("actor").asText(),
            entry.path("action").asText(),
            what)
        .stripTrailing();
  }
}
