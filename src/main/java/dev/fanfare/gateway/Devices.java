package dev.fanfare.gateway;

import dev.fanfare.member.Member;
import dev.fanfare.member.Presence;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.roaringbitmap.RoaringBitmap;

/// The open sessions of each member on this node, whichever shard they are on: one per named
/// device, and at most so many. Any thread.
final class Devices implements Presence {
  private final int perMember;
  private final ConcurrentMap<Owner, List<Open>> members = new ConcurrentHashMap<>();
  private final ConcurrentMap<Integer, Online> apps = new ConcurrentHashMap<>();

  Devices(int perMember) {
    this.perMember = perMember;
  }

  private record Owner(int app, int ordinal) {
    static Owner of(Session session) {
      return new Owner(session.login().app(), session.login().ordinal());
    }
  }

  private record Open(Shard shard, Session session) {}

  /// The members of one app who have a session. Guarded by itself.
  private static final class Online {
    private final RoaringBitmap ordinals = new RoaringBitmap();

    synchronized void set(int ordinal, boolean there) {
      if (there) {
        ordinals.add(ordinal);
      } else {
        ordinals.remove(ordinal);
      }
    }

    synchronized RoaringBitmap copy() {
      return ordinals.clone();
    }
  }

  /// Takes in a session in place of the one that the same device had, which its shard closes. False
  /// when the member has too many devices.
  boolean add(Shard shard, Session session) {
    Open added = new Open(shard, session);
    List<Open> replaced = new ArrayList<>();
    List<Open> now =
        members.compute(
            Owner.of(session),
            (member, before) -> {
              List<Open> kept = new ArrayList<>(before == null ? List.of() : before);
              kept.stream().filter(open -> sameDevice(open, session)).forEach(replaced::add);
              kept.removeAll(replaced);
              if (kept.size() < perMember) {
                kept.add(added);
              }
              set(member, true);
              return List.copyOf(kept);
            });
    replaced.forEach(open -> open.shard().close(open.session(), CloseCode.REPLACED));
    return now.contains(added);
  }

  /// Called while the member's list is held, so that both always agree.
  private void set(Owner member, boolean there) {
    apps.computeIfAbsent(member.app(), _ -> new Online()).set(member.ordinal(), there);
  }

  private static boolean sameDevice(Open open, Session session) {
    String device = session.login().device();
    return !device.isEmpty() && device.equals(open.session().login().device());
  }

  /// Forgets a session; harmless when repeated.
  void remove(Session session) {
    members.computeIfPresent(
        Owner.of(session),
        (member, open) -> {
          List<Open> left = open.stream().filter(other -> other.session() != session).toList();
          if (left.isEmpty()) {
            set(member, false);
          }
          return left.isEmpty() ? null : left;
        });
  }

  @Override
  public List<Connection> connections(int app, Collection<Member> asked) {
    return asked.stream()
        .flatMap(
            member -> members.getOrDefault(new Owner(app, member.ordinal()), List.of()).stream())
        .map(open -> open.session().describe())
        .toList();
  }

  @Override
  public RoaringBitmap online(int app) {
    Online online = apps.get(app);
    return online == null ? new RoaringBitmap() : online.copy();
  }

  @Override
  public boolean disconnect(int app, String connection) {
    Optional<Open> found =
        members.entrySet().stream()
            .filter(entry -> entry.getKey().app() == app)
            .flatMap(entry -> entry.getValue().stream())
            .filter(open -> open.session().login().arrival().id().equals(connection))
            .findAny();
    found.ifPresent(open -> open.shard().close(open.session(), CloseCode.GOING_AWAY));
    return found.isPresent();
  }
}
