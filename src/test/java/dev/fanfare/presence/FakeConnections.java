package dev.fanfare.presence;

import dev.fanfare.member.ConnectionId;
import dev.fanfare.member.LocalPresence;
import dev.fanfare.member.Member;
import dev.fanfare.member.OnlineChunk;
import dev.fanfare.schema.NodeReport;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.roaringbitmap.RoaringBitmap;

/// Connections to a node that a test makes up: members of an app, by platform.
final class FakeConnections implements LocalPresence {
  private final String node;
  private final Map<OnlineChunk, RoaringBitmap> chunks = new HashMap<>();
  private Set<OnlineChunk> changed = new HashSet<>();

  FakeConnections(String node) {
    this.node = node;
  }

  /// What the node says of itself.
  NodeReport report() {
    return NodeReport.newBuilder().setId(node).setDuties(true).build();
  }

  synchronized void connect(int app, String platform, int ordinal) {
    OnlineChunk chunk = new OnlineChunk(app, platform, ordinal >>> 16);
    chunks.computeIfAbsent(chunk, _ -> new RoaringBitmap()).add(ordinal);
    changed.add(chunk);
  }

  synchronized void leave(int app, String platform, int ordinal) {
    OnlineChunk chunk = new OnlineChunk(app, platform, ordinal >>> 16);
    chunks.computeIfAbsent(chunk, _ -> new RoaringBitmap()).remove(ordinal);
    changed.add(chunk);
  }

  @Override
  public String node() {
    return node;
  }

  @Override
  public synchronized Set<OnlineChunk> takeChanged() {
    Set<OnlineChunk> taken = changed;
    changed = new HashSet<>();
    return taken;
  }

  @Override
  public synchronized Set<OnlineChunk> chunks() {
    return chunks.entrySet().stream()
        .filter(chunk -> !chunk.getValue().isEmpty())
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  @Override
  public synchronized RoaringBitmap online(OnlineChunk chunk) {
    return chunks.getOrDefault(chunk, new RoaringBitmap()).clone();
  }

  @Override
  public synchronized RoaringBitmap online(int app) {
    RoaringBitmap online = new RoaringBitmap();
    chunks.forEach((chunk, members) -> {
      if (chunk.app() == app) {
        online.or(members);
      }
    });
    return online;
  }

  @Override
  public List<Connection> connections(int app, Collection<Member> members) {
    return List.of();
  }

  @Override
  public boolean mayHave(int app, ConnectionId connection) {
    return false;
  }

  @Override
  public Optional<Instant> asOf() {
    return Optional.empty();
  }
}
