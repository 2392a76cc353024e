package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `fanfare key`.
@Command(
    name = "key",
    description = "Shows, adds and removes keys of an app. Several may be valid at once.",
    mixinStandardHelpOptions = true,
    subcommands = KeyCommand.Create.class)
public final class KeyCommand {
  private static final String KINDS =
      "api-key, volcengine-access-key, tencent-secret or device-key";

  KeyCommand() {}

  @Command(name = "list", description = "Lists the keys.", mixinStandardHelpOptions = true)
  int list(@Mixin Connection connection, @Mixin Output output) {
    Client client = connection.open();
    output.print(
        client.get(connection.appPath(client) + "/keys"),
        answer ->
            answer
                .path("keys")
                .valueStream()
                .map(KeyCommand::line)
                .collect(Collectors.joining(System.lineSeparator())));
    return 0;
  }

  private static String line(JsonNode key) {
    StringBuilder text = new StringBuilder();
    text.append("%-21s %-30s".formatted(key.path("kind").asText(), key.path("name").asText()));
    if (key.has("role")) {
      text.append(" role ").append(key.path("role").asText());
    }
    if (key.path("dailyBroadcasts").asLong() > 0) {
      text.append(" at most ").append(key.path("dailyBroadcasts")).append(" broadcasts a day");
    }
    if (!key.path("actions").isEmpty()) {
      text.append(" only ")
          .append(
              key.path("actions")
                  .valueStream()
                  .map(JsonNode::asText)
                  .collect(Collectors.joining(", ")));
    }
    if (key.has("notAfter")) {
      text.append(" until ").append(key.path("notAfter").asText());
    }
    if (key.path("disabled").asBoolean()) {
      text.append(" disabled");
    }
    return text.toString().stripTrailing();
  }

  @Command(
      name = "remove",
      description = "Removes a key, which opens nothing from then on.",
      mixinStandardHelpOptions = true)
  int remove(
      @Mixin Connection connection,
      @Mixin Output output,
      @Parameters(paramLabel = "KIND", description = KINDS) String kind,
      @Parameters(paramLabel = "NAME") String name) {
    Client client = connection.open();
    String keys = connection.appPath(client) + "/keys/";
    client.delete(keys + Client.segment(kind) + "/" + Client.segment(name));
    output.print(Client.object().put("kind", kind).put("removed", name), _ -> "removed " + name);
    return 0;
  }

  @Command(
      name = "create",
      description = "Adds a key and shows its secret, once.",
      mixinStandardHelpOptions = true)
  static final class Create implements Callable<Integer> {
    @Mixin Connection connection = new Connection();
    @Mixin Output output = new Output();

    @Parameters(index = "0", paramLabel = "KIND", description = KINDS)
    String kind = "";

    @Parameters(
        index = "1",
        paramLabel = "NAME",
        arity = "0..1",
        description = "Of an access key, its id; made when not given")
    @Nullable String name;

    @Option(
        names = "--role",
        paramLabel = "ROLE",
        description = "Of an api-key: owner, sender, registrar or reader")
    @Nullable String role;

    @Option(
        names = "--action",
        paramLabel = "NAME",
        description = "Of an access key: an action that it may use; all when none is given")
    List<String> actions = List.of();

    @Option(names = "--not-after", paramLabel = "TIME", description = "As 2026-12-01T09:00:00Z")
    @Nullable String notAfter;

    @Option(names = "--secret-file", paramLabel = "FILE", description = "Made when not given")
    @Nullable String secretFile;

    @Option(
        names = "--session-token-file",
        paramLabel = "FILE",
        description = "Of an access key: what X-Security-Token has to be")
    @Nullable String sessionTokenFile;

    Create() {}

    @Override
    public Integer call() {
      ObjectNode body = Client.object().put("kind", kind);
      put(body, "name", name);
      put(body, "role", role);
      put(body, "notAfter", notAfter);
      if (!actions.isEmpty()) {
        actions.forEach(body.putArray("actions")::add);
      }
      put(body, "secret", secretFile == null ? null : SecretFile.read(secretFile));
      put(
          body,
          "sessionToken",
          sessionTokenFile == null ? null : SecretFile.read(sessionTokenFile));
      Client client = connection.open();
      JsonNode key = client.post(connection.appPath(client) + "/keys", body);
      output.print(
          key,
          made -> line(made) + System.lineSeparator() + "  secret " + made.path("secret").asText());
      return 0;
    }

    private static void put(ObjectNode body, String field, @Nullable String value) {
      if (value != null) {
        body.put(field, value);
      }
    }
  }
}
