package dev.fanfare.gateway;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.RoaringBitmap;

/// The sessions of one app on one shard: by ordinal, several for one member as a chain, and the
/// bitmap of the members with a session at head. Owned by the shard's thread.
final class AppSessions {
  private final IntObjectMap<Session> byOrdinal = new IntObjectHashMap<>();
  private final RoaringBitmap atHead = new RoaringBitmap();

  RoaringBitmap atHead() {
    return atHead;
  }

  boolean isEmpty() {
    return byOrdinal.isEmpty();
  }

  /// The newest session of a member; the others are its siblings. Null when it has none.
  @Nullable Session first(int ordinal) {
    return byOrdinal.get(ordinal);
  }

  /// The sessions of a member, oldest last.
  List<Session> of(int ordinal) {
    List<Session> sessions = new ArrayList<>(1);
    for (Session next = byOrdinal.get(ordinal); next != null; next = next.sibling()) {
      sessions.add(next);
    }
    return sessions;
  }

  /// Members with at least one session, at head or behind.
  RoaringBitmap ordinals() {
    RoaringBitmap ordinals = new RoaringBitmap();
    byOrdinal.keySet().forEach(ordinals::add);
    return ordinals;
  }

  void forEach(Consumer<Session> action) {
    List<Session> all = new ArrayList<>();
    for (Session first : byOrdinal.values()) {
      for (Session next = first; next != null; next = next.sibling()) {
        all.add(next);
      }
    }
    all.forEach(action);
  }

  void add(Session session) {
    int ordinal = session.login().ordinal();
    session.setSibling(byOrdinal.get(ordinal));
    byOrdinal.put(ordinal, session);
  }

  void remove(Session session) {
    leaveHead(session);
    int ordinal = session.login().ordinal();
    Session first = null;
    for (Session other : of(ordinal).reversed()) {
      if (other != session) {
        other.setSibling(first);
        first = other;
      }
    }
    set(ordinal, first);
  }

  private void set(int ordinal, @Nullable Session first) {
    if (first == null) {
      byOrdinal.remove(ordinal);
    } else {
      byOrdinal.put(ordinal, first);
    }
  }

  void joinHead(Session session) {
    session.setAtHead(true);
    atHead.add(session.login().ordinal());
  }

  void leaveHead(Session session) {
    if (session.atHead()) {
      session.setAtHead(false);
      int ordinal = session.login().ordinal();
      if (of(ordinal).stream().noneMatch(Session::atHead)) {
        atHead.remove(ordinal);
      }
    }
  }
}
