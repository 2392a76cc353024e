package dev.fanfare.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.function.Predicate;

/// Reads server-sent events whose data is one line of JSON, as Fanfare writes them.
final class EventLines {
  private static final String EVENT = "event: ";
  private static final String DATA = "data: ";

  private EventLines() {}

  /// Shows each event of type `progress` to the visitor. Returns false when the visitor said stop
  /// or the events are over, true when they just ended.
  static boolean read(Iterator<String> lines, Predicate<JsonNode> visitor) {
    String type = "";
    while (lines.hasNext()) {
      String line = lines.next();
      if (line.startsWith(EVENT)) {
        type = line.substring(EVENT.length());
      } else if (line.startsWith(DATA)) {
        if (type.equals("end") || !visitor.test(json(line.substring(DATA.length())))) {
          return false;
        }
      }
    }
    return true;
  }

  private static JsonNode json(String data) {
    try {
      return Client.JSON.readTree(data);
    } catch (JsonProcessingException e) {
      throw CliException.failed("the server does not answer like a Fanfare server");
    }
  }
}
