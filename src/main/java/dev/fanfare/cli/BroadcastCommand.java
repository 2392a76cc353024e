package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `fanfare broadcast`.
@Command(
    name = "broadcast",
    description = "Shows broadcasts and changes their life.",
    mixinStandardHelpOptions = true)
public final class BroadcastCommand {
  private static final String ALL = "all";

  BroadcastCommand() {}

  /// Which broadcast a command is about.
  static final class One {
    @Mixin Connection connection = new Connection();

    @Parameters(index = "0", paramLabel = "ID")
    String id = "";

    One() {}

    String path() {
      return AppClient.broadcast(id);
    }

    JsonNode change(String verb, ObjectNode body) {
      return connection.app().post(path() + ":" + verb, body);
    }
  }

  @Command(name = "list", description = "Lists the newest.", mixinStandardHelpOptions = true)
  int list(
      @Mixin Connection connection,
      @Mixin Output output,
      @Option(
              names = "--state",
              paramLabel = "STATE",
              description = "Such as running or scheduled,paused")
          @Nullable String state,
      @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "20")
          long limit) {
    String query = state == null ? "" : "?state=" + Client.segment(state);
    connection
        .app()
        .list(
            "/broadcasts" + query,
            "broadcasts",
            limit,
            broadcast -> output.print(broadcast, BroadcastCommand::line));
    return 0;
  }

  private static String line(JsonNode broadcast) {
    return "%s  %-26s %-10s %s  to %s"
        .formatted(
            broadcast.path("createdAt").asText(),
            broadcast.path("id").asText(),
            broadcast.path("state").asText(),
            counters(broadcast),
            broadcast.path("audienceText").asText());
  }

  @Command(name = "show", description = "Shows a broadcast.", mixinStandardHelpOptions = true)
  int show(@Mixin One one, @Mixin Output output) {
    output.print(one.connection.app().get(one.path()), BroadcastCommand::describe);
    return 0;
  }

  @Command(
      name = "watch",
      description = "Shows the progress until nothing can change any more.",
      mixinStandardHelpOptions = true)
  int watch(@Mixin One one, @Mixin Output output) {
    Progress progress = new Progress(output);
    one.connection.app().events(one.path() + "/events", progress::show);
    progress.end();
    return 0;
  }

  @Command(name = "pause", description = "Stops releasing.", mixinStandardHelpOptions = true)
  int pause(@Mixin One one, @Mixin Output output) {
    return change(one, output, "pause");
  }

  @Command(name = "resume", description = "Goes on releasing.", mixinStandardHelpOptions = true)
  int resume(@Mixin One one, @Mixin Output output) {
    return change(one, output, "resume");
  }

  @Command(
      name = "recall",
      description = "Withdraws it, also from devices that have it.",
      mixinStandardHelpOptions = true)
  int recall(@Mixin One one, @Mixin Output output) {
    return change(one, output, "recall");
  }

  @Command(
      name = "cancel",
      description = "Gives up one that is scheduled.",
      mixinStandardHelpOptions = true)
  int cancel(@Mixin One one, @Mixin Output output) {
    return change(one, output, "cancel");
  }

  private static int change(One one, Output output, String verb) {
    output.print(one.change(verb, Client.object()), BroadcastCommand::summary);
    return 0;
  }

  @Command(
      name = "pace",
      description = "Changes how many members are released per second.",
      mixinStandardHelpOptions = true)
  int pace(
      @Mixin One one,
      @Mixin Output output,
      @Parameters(index = "1", paramLabel = "N", description = "Or all, for the rest at once")
          String perSecond) {
    if (!perSecond.equals(ALL) && !perSecond.matches("[0-9]{1,9}")) {
      throw CliException.badUsage("not a number of members per second, nor all: " + perSecond);
    }
    ObjectNode body = Client.object();
    if (perSecond.equals(ALL)) {
      body.putNull("pacePerSecond");
    } else {
      body.put("pacePerSecond", Long.parseLong(perSecond));
    }
    output.print(one.change("pace", body), BroadcastCommand::summary);
    return 0;
  }

  @Command(
      name = "recipients",
      description = "Lists the ids of recipients.",
      mixinStandardHelpOptions = true)
  int recipients(
      @Mixin One one,
      @Mixin Output output,
      @Option(
              names = "--status",
              paramLabel = "STATUS",
              defaultValue = ALL,
              description = "unreached, reached, delivered or read; all")
          String status,
      @Option(
              names = "--limit",
              paramLabel = "N",
              defaultValue = "9223372036854775807",
              description = "At most so many; no limit")
          long limit) {
    one.connection
        .app()
        .list(
            one.path() + "/recipients?status=" + Client.segment(status),
            "recipients",
            limit,
            recipient -> output.print(recipient, BroadcastCommand::recipient));
    return 0;
  }

  private static String recipient(JsonNode recipient) {
    String id = recipient.path("id").asText();
    return recipient.path("removed").asBoolean() ? id + " (removed)" : id;
  }

  private static String describe(JsonNode broadcast) {
    return String.join(
        System.lineSeparator(),
        broadcast.path("id").asText() + " " + broadcast.path("state").asText(),
        "  from      " + broadcast.path("from").asText(),
        "  to        " + broadcast.path("audienceText").asText(),
        "  message   " + broadcast.path("message"),
        "  created   " + broadcast.path("createdAt").asText(),
        "  starts    " + broadcast.path("startAt").asText("-"),
        "  sent      " + broadcast.path("sentAt").asText("-"),
        "  expires   " + broadcast.path("expiresAt").asText("-"),
        "  pace      " + broadcast.path("pacePerSecond").asText("all at once"),
        "  " + counters(broadcast));
  }

  /// One line that says how far a broadcast has come.
  static String summary(JsonNode broadcast) {
    String state = broadcast.path("state").asText();
    return state.equals("scheduled") && broadcast.has("startAt")
        ? "scheduled for " + broadcast.path("startAt").asText()
        : state + ": " + counters(broadcast);
  }

  private static String counters(JsonNode broadcast) {
    return "%,d recipients, %,d released, %,d reached, %,d delivered, %,d read"
        .formatted(
            broadcast.path("recipients").asLong(),
            broadcast.path("released").asLong(),
            broadcast.path("reached").asLong(),
            broadcast.path("delivered").asLong(),
            broadcast.path("read").asLong());
  }
}
