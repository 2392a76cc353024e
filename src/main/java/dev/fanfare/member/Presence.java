package dev.fanfare.member;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.roaringbitmap.RoaringBitmap;

/// Who is connected now, to this node. What devices said of themselves is passed on as they said
/// it. Any thread; nothing waits.
public interface Presence {

  /// The live connections of some members of an app, in no order; none for those who are offline.
  ///
  /// @param app its number
  List<Connection> connections(int app, Collection<Member> members);

  /// The ordinals of the members of an app who have a connection, as they are now; the caller's
  /// own.
  RoaringBitmap online(int app);

  /// How many of these members have a connection.
  ///
  /// @param matched ordinals
  default int online(int app, RoaringBitmap matched) {
    return RoaringBitmap.andCardinality(online(app), matched);
  }

  /// Ends a connection; its device may come back. False when the app has no such connection.
  ///
  /// @param connection its id
  boolean disconnect(int app, String connection);

  /// One live connection of one device.
  ///
  /// @param member the id of the member that it belongs to
  /// @param id names it among all connections of its node
  /// @param device empty when the device did not name itself
  /// @param platform free text of at most 32 characters, empty when the device did not say
  /// @param since wall clock of the node when it was admitted
  record Connection(String member, String id, String device, String platform, Instant since) {}
}
