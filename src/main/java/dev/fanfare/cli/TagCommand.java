package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `fanfare tag`.
@Command(
    name = "tag",
    description = "Changes the tags of one member; lists tags; takes one from everyone.",
    mixinStandardHelpOptions = true)
public final class TagCommand {

  TagCommand() {}

  @Command(name = "add", description = "Adds tags.", mixinStandardHelpOptions = true)
  int add(
      @Mixin Connection connection,
      @Mixin Output output,
      @Parameters(paramLabel = "ID") String id,
      @Parameters(paramLabel = "TAG", arity = "1..*") List<String> tags) {
    return change(connection, output, id, change("add", tags));
  }

  @Command(name = "remove", description = "Removes tags.", mixinStandardHelpOptions = true)
  int remove(
      @Mixin Connection connection,
      @Mixin Output output,
      @Parameters(paramLabel = "ID") String id,
      @Parameters(paramLabel = "TAG", arity = "1..*") List<String> tags) {
    return change(connection, output, id, change("remove", tags));
  }

  @Command(
      name = "list",
      description = "Lists the tags of the app with exact counts.",
      mixinStandardHelpOptions = true)
  int list(
      @Mixin Connection connection,
      @Mixin Output output,
      @Option(names = "--prefix", paramLabel = "TEXT", defaultValue = "") String prefix) {
    Client client = connection.open();
    String path = connection.appPath(client) + "/tags?limit=1000&prefix=" + Client.value(prefix);
    JsonNode page = client.get(path);
    ObjectNode all = Client.object();
    ArrayNode tags = all.putArray("tags");
    page.path("tags").forEach(tags::add);
    while (page.has("cursor")) {
      page = client.get(path + "&cursor=" + Client.value(page.path("cursor").asText()));
      page.path("tags").forEach(tags::add);
    }
    output.print(all, TagCommand::table);
    return 0;
  }

  private static String table(JsonNode answer) {
    return answer
        .path("tags")
        .valueStream()
        .map(tag -> "%,12d  %s".formatted(tag.path("members").asLong(), tag.path("name").asText()))
        .collect(Collectors.joining(System.lineSeparator()));
  }

  @Command(
      name = "purge",
      description = "Takes a tag from everyone who has it.",
      mixinStandardHelpOptions = true)
  int purge(
      @Mixin Connection connection,
      @Mixin Output output,
      @Parameters(paramLabel = "TAG") String tag) {
    Client client = connection.open();
    client.delete(connection.appPath(client) + "/tags/" + Client.segment(tag));
    output.print(Client.object().put("purged", tag), _ -> "nobody has " + tag + " any more");
    return 0;
  }

  private static ObjectNode change(String how, List<String> tags) {
    ObjectNode body = Client.object();
    ArrayNode list = body.putObject("tags").putArray(how);
    tags.forEach(list::add);
    return body;
  }

  private static int change(Connection connection, Output output, String id, ObjectNode body) {
    Client client = connection.open();
    String path = connection.appPath(client) + "/members/" + Client.segment(id);
    output.print(client.patch(path, body), MemberCommand::describe);
    return 0;
  }
}
