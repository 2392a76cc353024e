package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `fanfare attribute`.
@Command(
    name = "attribute",
    description = "Shows and names the ten attribute slots of an app.",
    mixinStandardHelpOptions = true)
public final class AttributeCommand {

  AttributeCommand() {}

  @Command(name = "list", description = "Lists the slots.", mixinStandardHelpOptions = true)
  int list(@Mixin Connection connection, @Mixin Output output) {
    Client client = connection.open();
    output.print(client.get(path(connection, client)), AttributeCommand::table);
    return 0;
  }

  @Command(
      name = "set",
      description = {
        "Names slots; an empty name (3=) frees one. Others stay as they are.",
        "Values belong to their slot: a new name is a new name for them."
      },
      mixinStandardHelpOptions = true)
  int set(
      @Mixin Connection connection,
      @Mixin Output output,
      @Parameters(paramLabel = "SLOT=NAME", arity = "1..10") Map<String, String> names) {
    Client client = connection.open();
    String path = path(connection, client);
    ObjectNode slots = (ObjectNode) client.get(path);
    names.forEach((slot, name) -> {
      if (name.isEmpty()) {
        slots.remove(slot);
      } else {
        slots.put(slot, name);
      }
    });
    output.print(client.put(path, slots), AttributeCommand::table);
    return 0;
  }

  private static String path(Connection connection, Client client) {
    return connection.appPath(client) + "/attributes";
  }

  private static String table(JsonNode slots) {
    return slots.properties().stream()
        .map(slot -> slot.getKey() + "  " + slot.getValue().asText())
        .collect(Collectors.joining(System.lineSeparator()));
  }
}
