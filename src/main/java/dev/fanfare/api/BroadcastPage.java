package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.broadcast.Broadcast;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One page of a list that goes through broadcasts from the newest to the oldest. It ends when it
/// is full, when it has grown to some megabytes, or when it has looked at many that it did not
/// show; its cursor then goes on after the last one looked at.
final class BroadcastPage {
  private final Page page;
  private final Page.Kind kind;
  private final ObjectNode json = Json.object();
  private final ArrayNode list;
  private long last;
  private int looked;
  private int bytes;

  /// @param name of the list in the answer
  BroadcastPage(Page page, Page.Kind kind, String name) {
    this.page = page;
    this.kind = kind;
    this.list = json.putArray(name);
  }

  /// Takes the next broadcast; false when there is no room for it.
  ///
  /// @param entry null for a broadcast that is not shown
  boolean take(Broadcast broadcast, Supplier<@Nullable ObjectNode> entry) {
    if (list.size() == page.limit()
        || looked == ApiLimits.SCANNED_BROADCASTS
        || bytes >= ApiLimits.PAGE_BYTES) {
      json.put("cursor", Page.cursor(kind, last));
      return false;
    }
    looked++;
    last = broadcast.number();
    ObjectNode shown = entry.get();
    if (shown != null) {
      list.add(shown);
      bytes += Json.write(shown).length;
    }
    return true;
  }

  /// The whole page, with a cursor when more may follow.
  ObjectNode json() {
    return json;
  }
}
