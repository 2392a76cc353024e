package dev.fanfare.gateway;

import dev.fanfare.member.ConnectionId;
import dev.fanfare.member.LocalPresence;
import dev.fanfare.member.Member;
import dev.fanfare.member.OnlineChunk;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;
import org.roaringbitmap.RoaringBitmap;

/// The open sessions of each member on this node, whichever shard they are on: one per named
/// device, and at most so many. Any thread.
final class Devices implements LocalPresence {
  private final String node;
  private final int perMember;
  private final ConcurrentMap<Owner, List<Open>> members = new ConcurrentHashMap<>();
  private final ConcurrentMap<Integer, OnlineMembers> apps = new ConcurrentHashMap<>();

  /// @param node names this run of the node
  Devices(String node, int perMember) {
    this.node = node;
    this.perMember = perMember;
  }

  private record Owner(int app, int ordinal) {
    static Owner of(Session session) {
      return new Owner(session.login().app(), session.login().ordinal());
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
            Owner.of(session),
            (member, before) -> {
              List<Open> kept = new ArrayList<>(before == null ? List.of() : before);
              kept.stream().filter(open -> sameDevice(open, session)).forEach(replaced::add);
              kept.removeAll(replaced);
              if (kept.size() < perMember) {
                kept.add(added);
              }
              note(member, before == null ? List.of() : before, kept);
              return List.copyOf(kept);
            });
    replaced.forEach(open -> open.shard().close(open.session(), CloseCode.REPLACED));
    return now.contains(added);
  }

  /// Called while the member's list is held, so that both always agree.
  private void note(Owner member, List<Open> before, List<Open> now) {
    apps.computeIfAbsent(member.app(), OnlineMembers::new)
        .set(member.ordinal(), platforms(before), platforms(now));
  }

  private static Set<String> platforms(List<Open> open) {
    return open.stream().map(each -> each.session().sharedPlatform()).collect(Collectors.toSet());
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
          note(member, open, left);
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
    OnlineMembers online = apps.get(app);
    return online == null ? new RoaringBitmap() : online.all();
  }

  @Override
  public boolean mayHave(int app, ConnectionId connection) {
    return connection.node().equals(node)
        && members.getOrDefault(new Owner(app, connection.ordinal()), List.of()).stream()
            .anyMatch(open -> open.session().isCalled(connection));
  }

  @Override
  public Optional<Instant> asOf() {
    return Optional.empty();
  }

  @Override
  public String node() {
    return node;
  }

  @Override
  public Set<OnlineChunk> takeChanged() {
    Set<OnlineChunk> changed = new HashSet<>();
    apps.values().forEach(online -> changed.addAll(online.takeChanged()));
    return changed;
  }

  @Override
  public Set<OnlineChunk> chunks() {
    Set<OnlineChunk> chunks = new HashSet<>();
    apps.values().forEach(online -> chunks.addAll(online.chunks()));
    return chunks;
  }

  @Override
  public RoaringBitmap online(OnlineChunk chunk) {
    OnlineMembers online = apps.get(chunk.app());
    return online == null ? new RoaringBitmap() : online.in(chunk);
  }
}
