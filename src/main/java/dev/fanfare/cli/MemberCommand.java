package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `fanfare member`.
@Command(
    name = "member",
    description = "Shows and changes one member.",
    mixinStandardHelpOptions = true,
    subcommands = {MemberCommand.Get.class, MemberCommand.Set.class, MemberCommand.Remove.class})
public final class MemberCommand {

  MemberCommand() {}

  static String describe(JsonNode member) {
    StringBuilder text = new StringBuilder(member.path("id").asText());
    field(text, "nick name", member.path("nickName").asText());
    field(text, "portrait", member.path("portrait").asText());
    String tags =
        member.path("tags").valueStream().map(JsonNode::asText).collect(Collectors.joining(", "));
    field(text, "tags", tags);
    field(text, "attributes", pairs(member.path("attributes")));
    field(text, "ext", pairs(member.path("ext")));
    field(text, "robot", member.path("robot").asBoolean() ? "yes" : "");
    field(text, "created", member.path("createdAt").asText());
    field(text, "modified", member.path("modifiedAt").asText());
    field(text, "version", member.path("version").asText());
    return text.toString();
  }

  private static void field(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append(System.lineSeparator()).append("  %-11s ".formatted(name)).append(value);
    }
  }

  private static String pairs(JsonNode object) {
    return object.properties().stream()
        .map(pair -> pair.getKey() + "=" + pair.getValue().asText())
        .collect(Collectors.joining(", "));
  }

  @Command(name = "get", description = "Shows a member.", mixinStandardHelpOptions = true)
  static final class Get implements Callable<Integer> {
    @Mixin Connection connection = new Connection();
    @Mixin Output output = new Output();

    @Parameters(paramLabel = "ID")
    String id = "";

    Get() {}

    @Override
    public Integer call() {
      Client client = connection.open();
      String path = connection.appPath(client) + "/members/" + Client.segment(id);
      output.print(client.get(path), MemberCommand::describe);
      return 0;
    }
  }

  @Command(
      name = "set",
      description = "Registers a member, or changes the given fields of the one that exists.",
      mixinStandardHelpOptions = true)
  static final class Set implements Callable<Integer> {
    @Mixin Connection connection = new Connection();
    @Mixin Output output = new Output();

    @Parameters(paramLabel = "ID")
    String id = "";

    @Option(names = "--nick", paramLabel = "NAME")
    @Nullable String nick;

    @Option(names = "--portrait", paramLabel = "URL")
    @Nullable String portrait;

    @Option(names = "--tag", paramLabel = "TAG", description = "Repeatable; replaces all tags")
    List<String> tags = List.of();

    @Option(
        names = "--attribute",
        paramLabel = "NAME=VALUE",
        description = "Repeatable; NAME= clears one")
    Map<String, String> attributes = new LinkedHashMap<>();

    @Option(names = "--ext", paramLabel = "KEY=VALUE", description = "Repeatable; replaces all")
    Map<String, String> ext = new LinkedHashMap<>();

    @Option(names = "--robot", paramLabel = "true|false")
    @Nullable Boolean robot;

    @Option(
        names = "--if-version",
        paramLabel = "VERSION",
        description = "Changes the member only if this is its version")
    @Nullable String version;

    Set() {}

    @Override
    public Integer call() {
      Client client = connection.open();
      String path = connection.appPath(client) + "/members/" + Client.segment(id);
      Map<String, String> headers =
          version == null ? Map.of() : Map.of("If-Match", '"' + version + '"');
      Client.Answer answer = client.send("PATCH", path, body(true), headers);
      if (answer.code().equals("member_not_found")) {
        answer = client.send("PUT", path, body(false), headers);
      }
      output.print(Client.require(answer), MemberCommand::describe);
      return 0;
    }

    /// @param clearing whether an empty value of an attribute can be said; a new member has none
    private ObjectNode body(boolean clearing) {
      ObjectNode body = Client.object();
      if (nick != null) {
        body.put("nickName", nick);
      }
      if (portrait != null) {
        body.put("portrait", portrait);
      }
      if (!tags.isEmpty()) {
        ArrayNode list = body.putArray("tags");
        tags.forEach(list::add);
      }
      if (!attributes.isEmpty()) {
        ObjectNode pairs = body.putObject("attributes");
        attributes.forEach((name, value) -> {
          if (!value.isEmpty()) {
            pairs.put(name, value);
          } else if (clearing) {
            pairs.putNull(name);
          }
        });
      }
      if (robot != null) {
        body.put("robot", robot);
      }
      if (!ext.isEmpty()) {
        ObjectNode pairs = body.putObject("ext");
        ext.forEach(pairs::put);
      }
      return body;
    }
  }

  @Command(name = "remove", description = "Removes a member.", mixinStandardHelpOptions = true)
  static final class Remove implements Callable<Integer> {
    @Mixin Connection connection = new Connection();
    @Mixin Output output = new Output();

    @Parameters(paramLabel = "ID")
    String id = "";

    Remove() {}

    @Override
    public Integer call() {
      Client client = connection.open();
      client.delete(connection.appPath(client) + "/members/" + Client.segment(id));
      output.print(Client.object().put("removed", id), _ -> "removed " + id);
      return 0;
    }
  }
}
