package dev.fanfare.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `fanfare tag`.
@Command(
    name = "tag",
    description = "Changes the tags of one member.",
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
