package dev.fanfare.api;

import dev.fanfare.member.ConnectionId;
import dev.fanfare.member.Member;
import dev.fanfare.member.Presence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.RoaringBitmap;

/// Connections of the app `demo` that a test makes up.
final class FakePresence implements Presence {
  /// Ordinals of the members that count as connected.
  final RoaringBitmap online = new RoaringBitmap();

  /// Set when there are other nodes.
  @Nullable Instant asOf;

  private final List<Connection> connections = new ArrayList<>();

  void connect(Connection connection) {
    connections.add(connection);
  }

  @Override
  public List<Connection> connections(int app, Collection<Member> members) {
    List<String> ids = members.stream().map(Member::id).toList();
    return connections.stream().filter(open -> ids.contains(open.member())).toList();
  }

  @Override
  public RoaringBitmap online(int app) {
    return online;
  }

  @Override
  public boolean mayHave(int app, ConnectionId connection) {
    return connections.stream().anyMatch(open -> open.id().equals(connection.toString()));
  }

  @Override
  public Optional<Instant> asOf() {
    return Optional.ofNullable(asOf);
  }
}
