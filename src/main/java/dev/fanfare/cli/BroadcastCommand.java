package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `fanfare broadcast`.
@Command(name = "broadcast", description = "Shows broadcasts.", mixinStandardHelpOptions = true)
public final class BroadcastCommand {

  BroadcastCommand() {}

  @Command(name = "show", description = "Shows a broadcast.", mixinStandardHelpOptions = true)
  int show(
      @Mixin Connection connection,
      @Mixin Output output,
      @Parameters(paramLabel = "ID") String id) {
    Client client = connection.open();
    String path = connection.appPath(client) + "/broadcasts/" + Client.segment(id);
    output.print(client.get(path), BroadcastCommand::describe);
    return 0;
  }

  private static String describe(JsonNode broadcast) {
    return String.join(
        System.lineSeparator(),
        broadcast.path("id").asText() + " " + broadcast.path("state").asText(),
        "  from      " + broadcast.path("from").asText(),
        "  to        " + broadcast.path("audienceText").asText(),
        "  message   " + broadcast.path("message"),
        "  created   " + broadcast.path("createdAt").asText(),
        "  expires   " + broadcast.path("expiresAt").asText("-"),
        "  " + counters(broadcast));
  }

  static String counters(JsonNode broadcast) {
    return "%,d recipients, %,d released, %,d reached, %,d delivered, %,d read"
        .formatted(
            broadcast.path("recipients").asLong(),
            broadcast.path("released").asLong(),
            broadcast.path("reached").asLong(),
            broadcast.path("delivered").asLong(),
            broadcast.path("read").asLong());
  }
}
