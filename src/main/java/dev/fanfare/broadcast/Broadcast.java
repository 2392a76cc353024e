package dev.fanfare.broadcast;

import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.schema.Format;
import java.util.List;

/// A broadcast, as last committed. Times are journal time in milliseconds since the epoch, 0 for
/// none.
///
/// @param number the offset of the entry that created it; what commands call it
/// @param id what people call it, unique in its app
/// @param messageNumber what dialects with numeric message ids call it; rises
/// @param message the message as its format had it, a JSON object
/// @param startAt when it is scheduled for
/// @param expires when it ends, 0 while it has no such instant
/// @param startOffset offset of the entry that froze the recipients, 0 before that
/// @param stateSince journal time at which it came into its state
/// @param receiptsPurged journal time at which recipients and receipts were removed, 0 while they
///   are kept
/// @param attributeNames names of the app's attribute slots at acceptance, by slot
/// @param pace members released per second, 0 for all at once
public record Broadcast(
    long number,
    int app,
    String id,
    long messageNumber,
    BroadcastState state,
    Format format,
    String sender,
    AudienceNode audience,
    byte[] message,
    long lifetimeSeconds,
    long created,
    long startAt,
    long started,
    long expires,
    int pace,
    Counters counters,
    long startOffset,
    long stateSince,
    long receiptsPurged,
    List<String> attributeNames) {
  public Broadcast {
    attributeNames = List.copyOf(attributeNames);
  }

  /// How far it has come, in members.
  public record Counters(int recipients, int released, int reached, int delivered, int read) {}
}
