package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Calls the resources of one app. Paths are relative to the app's.
record AppClient(Client client, String root) {
  private static final int PAGE = 1_000;

  static String broadcast(String id) {
    return "/broadcasts/" + Client.segment(id);
  }

  JsonNode get(String path) {
    return client.get(root + path);
  }

  JsonNode post(String path, ObjectNode body) {
    return client.post(root + path, body);
  }

  /// Follows server-sent events until the visitor says stop, or the server says that it is over.
  void events(String path, Predicate<JsonNode> visitor) {
    client.events(root + path, visitor);
  }

  /// Goes through a list, page by page.
  ///
  /// @param path may have a query
  /// @param most entries at most
  void list(String path, String name, long most, Consumer<JsonNode> visitor) {
    String begun = path + (path.contains("?") ? "&" : "?") + "limit=";
    String cursor = "";
    long left = most;
    do {
      JsonNode page = get(begun + Math.min(left, PAGE) + cursor);
      page.path(name).forEach(visitor);
      left -= page.path(name).size();
      cursor = page.has("cursor") ? "&cursor=" + page.path("cursor").asText() : "";
    } while (left > 0 && !cursor.isEmpty());
  }
}
