package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `fanfare session`.
@Command(
    name = "session",
    description = "Shows and ends connections of a member's devices.",
    mixinStandardHelpOptions = true)
public final class SessionCommand {

  SessionCommand() {}

  @Command(
      name = "list",
      description = {
        "Lists the connections of a member, oldest first.",
        "A line without a time stands for all that it has from one platform to another node."
      },
      mixinStandardHelpOptions = true)
  int list(
      @Mixin Connection connection,
      @Mixin Output output,
      @Parameters(paramLabel = "MEMBER") String member) {
    Client client = connection.open();
    String sessions = connection.appPath(client) + "/sessions?member=" + Client.value(member);
    output.print(client.get(sessions), SessionCommand::table);
    return 0;
  }

  private static String table(JsonNode answer) {
    JsonNode sessions = answer.path("sessions");
    return sessions.isEmpty()
        ? answer.path("member").asText() + " is not connected"
        : sessions
            .valueStream()
            .map(SessionCommand::line)
            .collect(Collectors.joining(System.lineSeparator()));
  }

  private static String line(JsonNode session) {
    String since = session.path("since").asText();
    return "%-24s  %s  %-10s  %s"
        .formatted(
            session.path("id").asText(),
            since.isEmpty() ? "on another node" : "since " + since,
            session.path("platform").asText(),
            session.path("device").asText())
        .stripTrailing();
  }

  @Command(
      name = "close",
      description = "Ends a connection. Its device may come back at once.",
      mixinStandardHelpOptions = true)
  int close(
      @Mixin Connection connection,
      @Mixin Output output,
      @Parameters(paramLabel = "SESSION") String session) {
    Client client = connection.open();
    client.delete(connection.appPath(client) + "/sessions/" + Client.segment(session));
    output.print(Client.object().put("closed", session), _ -> "closed " + session);
    return 0;
  }
}
