package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `fanfare webhook`.
@Command(
    name = "webhook",
    description = "Shows, adds, removes and tests what an app's events are posted to.",
    mixinStandardHelpOptions = true)
public final class WebhookCommand {
  WebhookCommand() {}

  @Command(name = "list", description = "Lists the webhooks.", mixinStandardHelpOptions = true)
  int list(@Mixin Connection connection, @Mixin Output output) {
    Client client = connection.open();
    output.print(
        client.get(connection.appPath(client) + "/webhooks"),
        answer ->
            answer
                .path("webhooks")
                .valueStream()
                .map(WebhookCommand::line)
                .collect(Collectors.joining(System.lineSeparator())));
    return 0;
  }

  /// What requests look like.
  static final class Form {
    @Option(
        names = "--format",
        paramLabel = "FORMAT",
        description = "standard, or tencent: the callback Push.AllMemberPush, receipts alone")
    @Nullable String format;

    @Option(
        names = "--token-file",
        paramLabel = "FILE",
        description = "Of the format tencent: what Sign is made with")
    @Nullable String tokenFile;

    void write(ObjectNode body) {
      if (format != null) {
        body.put("format", format);
      }
      if (tokenFile != null) {
        body.put("token", SecretFile.read(tokenFile));
      }
    }
  }

  private static String line(JsonNode webhook) {
    String events =
        webhook.path("events").valueStream().map(JsonNode::asText).collect(Collectors.joining(","));
    String error = webhook.path("lastResult").path("error").asText();
    return "%s %s %s%s"
        .formatted(
            webhook.path("id").asText(),
            webhook.path("url").asText(),
            events,
            error.isEmpty() ? "" : " failed: " + error);
  }

  @Command(
      name = "create",
      description = "Adds a webhook and shows its secret, once.",
      mixinStandardHelpOptions = true)
  int create(
      @Mixin Connection connection,
      @Mixin Output output,
      @Parameters(paramLabel = "URL") String url,
      @Option(
              names = "--event",
              paramLabel = "KIND",
              description = "life, receipts or unreached; all when none is given")
          List<String> events,
      @Mixin Form form) {
    Client client = connection.open();
    ObjectNode body = Client.object().put("url", url);
    form.write(body);
    if (events != null && !events.isEmpty()) {
      events.forEach(body.putArray("events")::add);
    }
    output.print(
        client.post(connection.appPath(client) + "/webhooks", body),
        made -> line(made) + System.lineSeparator() + "  secret " + made.path("secret").asText());
    return 0;
  }

  @Command(name = "remove", description = "Removes a webhook.", mixinStandardHelpOptions = true)
  int remove(
      @Mixin Connection connection,
      @Mixin Output output,
      @Parameters(paramLabel = "ID") String id) {
    Client client = connection.open();
    client.delete(connection.appPath(client) + "/webhooks/" + Client.segment(id));
    output.print(Client.object().put("removed", id), _ -> "removed " + id);
    return 0;
  }

  @Command(
      name = "test",
      description = "Posts a test to a webhook now.",
      mixinStandardHelpOptions = true)
  int test(
      @Mixin Connection connection,
      @Mixin Output output,
      @Parameters(paramLabel = "ID") String id) {
    Client client = connection.open();
    JsonNode answer =
        client.post(
            connection.appPath(client) + "/webhooks/" + Client.segment(id) + ":test",
            Client.object());
    boolean ok = answer.path("ok").asBoolean();
    output.print(answer, result -> ok ? "it came" : "failed: " + result.path("error").asText());
    return ok ? 0 : 1;
  }
}
