package dev.fanfare.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// The open sessions of each member on this node, whichever shard they are on: one per named
/// device, and at most eight. Any thread.
final class Devices {
  static final int PER_MEMBER = 8;

  private final ConcurrentMap<Member, List<Open>> members = new ConcurrentHashMap<>();

  private record Member(int app, int ordinal) {
    static Member of(Session session) {
      return new Member(session.login().app(), session.login().ordinal());
    }
  }

  private record Open(Shard shard, Session session) {}

  /// Takes in a session in place of the one that the same device had, which its shard closes. False
  /// when the member has too many devices.
  boolean add(Shard shard, Session session) {
    Open added = new Open(shard, session);
    List<Open> replaced = new ArrayList<>();
    List<Open> now =
        members.compute(
            Member.of(session),
            (_, before) -> {
              List<Open> kept = new ArrayList<>(before == null ? List.of() : before);
              kept.stream().filter(open -> sameDevice(open, session)).forEach(replaced::add);
              kept.removeAll(replaced);
              if (kept.size() < PER_MEMBER) {
                kept.add(added);
              }
              return List.copyOf(kept);
            });
    replaced.forEach(open -> open.shard().replace(open.session()));
    return now.contains(added);
  }

  private static boolean sameDevice(Open open, Session session) {
    String device = session.login().device();
    return !device.isEmpty() && device.equals(open.session().login().device());
  }

  /// Forgets a session; harmless when repeated.
  void remove(Session session) {
    members.computeIfPresent(
        Member.of(session),
        (_, open) -> {
          List<Open> left = open.stream().filter(other -> other.session() != session).toList();
          return left.isEmpty() ? null : left;
        });
  }
}
