package dev.fanfare.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `fanfare send`. Standard output gets the id and a summary, standard error the rest.
@Command(name = "send", description = "Broadcasts a message.", mixinStandardHelpOptions = true)
public final class SendCommand implements Callable<Integer> {
  private static final long POLL_MILLIS = 500;
  private static final Duration CALL_AGAIN = Duration.ofSeconds(1);

  @Mixin Connection connection = new Connection();
  @Spec CommandSpec spec = CommandSpec.create();

  @Option(names = "--audience", required = true, paramLabel = "EXPR", description = "To whom")
  String audience = "";

  @ArgGroup(multiplicity = "1")
  Message message = new Message();

  @Mixin Options options = new Options();

  @Option(names = "--yes", description = "Does not ask before sending to everyone")
  boolean yes;

  SendCommand() {}

  /// The body of the message, in one of three ways.
  static final class Message {
    @Option(names = "--text", paramLabel = "TEXT", description = "A body {\"text\": TEXT}")
    @Nullable String text;

    @Option(names = "--json", paramLabel = "JSON", description = "A body of any JSON")
    @Nullable String json;

    @Option(names = "--file", paramLabel = "FILE", description = "A file with a body of any JSON")
    @Nullable Path file;

    Message() {}

    JsonNode body() {
      if (text != null) {
        return Client.object().put("text", text);
      }
      try {
        return json != null ? parse(json) : parse(Files.readString(file()));
      } catch (JsonProcessingException e) {
        throw CliException.badUsage("the message is not JSON: " + e.getOriginalMessage());
      } catch (NumberFormatException e) {
        throw CliException.badUsage("the message has a number that is out of range");
      } catch (IOException e) {
        throw CliException.badUsage("cannot read " + file);
      }
    }

    private Path file() {
      return Objects.requireNonNull(file, "one of the three is given");
    }

    private static JsonNode parse(String text) throws JsonProcessingException {
      return Client.JSON.readTree(text);
    }
  }

  /// What may be said about a broadcast besides.
  static final class Options {
    @Option(names = "--ttl", paramLabel = "SECONDS", description = "Lifetime; 604800")
    @Nullable Long ttl;

    @Option(names = "--from", paramLabel = "NAME", description = "Sender; the name of the key")
    @Nullable String from;

    @Option(names = "--pace", paramLabel = "N", description = "Members per second; all at once")
    @Nullable Long pace;

    @Option(names = "--at", paramLabel = "TIME", description = "Start, as 2026-12-01T09:00:00Z")
    @Nullable String at;

    @Option(
        names = "--idempotency-key",
        paramLabel = "KEY",
        description = "Sends once per key; a random one")
    @Nullable String idempotencyKey;

    Options() {}
  }

  @Override
  public Integer call() {
    AppClient app = connection.app();
    ObjectNode request = request();
    confirm(app.post("/broadcasts", request.deepCopy().put("dryRun", true)));
    String key = Objects.requireNonNullElseGet(options.idempotencyKey, SendCommand::randomKey);
    PrintWriter err = spec.commandLine().getErr();
    JsonNode broadcast = new SureSend(app, key, CALL_AGAIN, err::println).send(request);
    PrintWriter out = spec.commandLine().getOut();
    String id = broadcast.path("id").asText();
    out.println(id);
    out.println(BroadcastCommand.summary(follow(app, AppClient.broadcast(id), broadcast)));
    return 0;
  }

  private static String randomKey() {
    return "cli-" + UUID.randomUUID();
  }

  private ObjectNode request() {
    ObjectNode request = Client.object().put("audience", audience);
    request.putObject("message").set("body", message.body());
    if (options.ttl != null) {
      request.put("ttlSeconds", options.ttl);
    }
    if (options.from != null) {
      request.put("from", options.from);
    }
    if (options.pace != null) {
      request.put("pacePerSecond", options.pace);
    }
    if (options.at != null) {
      request.put("startAt", options.at);
    }
    return request;
  }

  /// Says whom it goes to, and asks when that is everyone.
  private void confirm(JsonNode count) {
    PrintWriter err = spec.commandLine().getErr();
    String text = count.path("text").asText();
    err.println("to " + CountCommand.members(count.path("matched").asLong()) + ": " + text);
    if (!text.equals("everyone") || yes) {
      return;
    }
    err.print("Send to everyone? [y/N] ");
    err.flush();
    try {
      String answer =
          new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
      if (answer == null || !answer.strip().toLowerCase(Locale.ROOT).matches("y|yes")) {
        throw CliException.failed("not sent; --yes sends without asking");
      }
    } catch (IOException e) {
      throw CliException.failed("not sent; --yes sends without asking");
    }
  }

  /// Waits until all recipients are released, or until they no longer will be.
  private JsonNode follow(AppClient app, String path, JsonNode first) {
    JsonNode broadcast = first;
    boolean terminal = Progress.isTerminal();
    while (releasing(broadcast)) {
      if (terminal) {
        Progress.over(spec.commandLine().getErr(), BroadcastCommand.summary(broadcast));
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException _) {
        throw CliException.interrupted();
      }
      broadcast = app.get(path);
    }
    if (terminal) {
      Progress.over(spec.commandLine().getErr(), "");
    }
    return broadcast;
  }

  private static boolean releasing(JsonNode broadcast) {
    return broadcast.path("state").asText().equals("running")
        && broadcast.path("released").asLong() < broadcast.path("recipients").asLong();
  }
}
