package dev.fanfare.member;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.RoaringBitmap;

/// Who is connected: to this node, as it is now, and to the other nodes of the cell, as they last
/// said. What devices said of themselves is passed on as they said it. Any thread; nothing waits.
public interface Presence {

  /// The live connections of some members of an app, in no order; none for those who are offline.
  ///
  /// @param app its number
  List<Connection> connections(int app, Collection<Member> members);

  /// The ordinals of the members of an app who have a connection; the caller's own.
  RoaringBitmap online(int app);

  /// Whether there may be such a connection: this node has it, or another node is there that might.
  boolean mayHave(int app, ConnectionId connection);

  /// The time by the journal's clock since when every node that counts was heard from; empty when
  /// there are no other nodes.
  Optional<Instant> asOf();

  /// One live connection of one device, or, on another node, all that a member has there from one
  /// platform.
  ///
  /// @param member the id of the member that it belongs to
  /// @param id the text of a [ConnectionId]
  /// @param device empty when the device did not name itself, or is connected to another node
  /// @param platform text of at most 32 characters, empty when the device did not say
  /// @param since wall clock of its node when it was admitted; null for another node's
  record Connection(
      String member, String id, String device, String platform, @Nullable Instant since) {}
}
