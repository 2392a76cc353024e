package dev.fanfare.presence;

import dev.fanfare.cell.Cell;
import dev.fanfare.member.ConnectionId;
import dev.fanfare.member.Member;
import dev.fanfare.member.OnlineChunk;
import dev.fanfare.member.Presence;
import dev.fanfare.schema.NodeReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.FastAggregation;
import org.roaringbitmap.RoaringBitmap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The other nodes, and who is online at them, as they told: the fold of the topic's records.
///
/// A node counts while its last sign of life is at most 15 s old. How old signs were that lay in
/// the topic when this node came is told by the broker's stamps, compared with that of this node's
/// own first sign; until that is read nobody counts. Later ones are as old as it is since they were
/// read.
///
/// A node is dead when this node has read 200 signs of its own, ten minutes of them, and none of
/// that node's: so time in which nobody could be heard does not count. Its remains are kept until
/// some node has buried them.
///
/// Bounded: beyond so many nodes or bytes, what is told is not kept. Any thread.
final class Elsewhere {
  /// How long a node may be silent and still counts.
  static final Duration SILENCE = Duration.ofSeconds(15);

  /// Of how many own signs in a row a node may have none and is not dead.
  static final int DEAD_AFTER = 200;

  static final int MOST_NODES = 1_000;

  /// Of all bitmaps; room for more than a hundred million members.
  static final long MOST_BYTES = 256L << 20;

  private static final int CHUNK_BYTES = 64;
  private static final int MOST_CHUNK_BYTES = 8_192;
  private static final Logger log = LoggerFactory.getLogger(Elsewhere.class);

  private final String self;
  private final LongSupplier nanoTime;
  private final long mostBytes;
  private final Map<String, Node> nodes = new HashMap<>();
  private long bytes;
  private boolean overfull;
  private @Nullable Instant ownSign;

  private record Group(int app, String platform) {}

  /// What is known of a node.
  private static final class Node {
    private final Map<Group, RoaringBitmap> online = new HashMap<>();

    /// The broker's stamp of its last sign of life; null when there is none.
    private @Nullable Instant sign;

    /// What it said of itself then; null when that is not known.
    private @Nullable NodeReport report;

    private long heardNanos;
    private int missed;
  }

  /// @param self the run of this node, of which nothing is kept
  /// @param nanoTime monotonic
  Elsewhere(String self, LongSupplier nanoTime, long mostBytes) {
    this.self = self;
    this.nanoTime = nanoTime;
    this.mostBytes = mostBytes;
  }

  /// Takes in a record.
  ///
  /// @param value null when the subject was buried
  /// @param stamp the broker's
  synchronized void hear(Subject subject, byte @Nullable [] value, Instant stamp) {
    if (subject.node().equals(self)) {
      if (subject instanceof Subject.Life && value != null) {
        heardSelf(stamp);
      }
      return;
    }
    Node node = nodes.get(subject.node());
    if (node == null) {
      if (value == null || !hasRoom(nodes.size() < MOST_NODES)) {
        return;
      }
      node = new Node();
      nodes.put(subject.node(), node);
    }
    switch (subject) {
      case Subject.Life _ -> {
        sign(node, value == null ? null : stamp);
        node.report = value == null ? null : Sign.unpack(value).orElse(null);
      }
      case Subject.Part(_, OnlineChunk chunk) -> set(node, chunk, value);
    }
    if (node.sign == null && node.online.isEmpty()) {
      nodes.remove(subject.node());
    }
  }

  private void heardSelf(Instant stamp) {
    if (ownSign == null) {
      long now = nanoTime.getAsLong();
      for (Node node : nodes.values()) {
        if (node.sign != null) {
          Duration age = Duration.between(node.sign, stamp);
          node.heardNanos = now - (age.isNegative() ? 0 : age.toNanos());
        }
      }
    }
    ownSign = stamp;
    nodes.values().forEach(node -> node.missed++);
  }

  private void sign(Node node, @Nullable Instant stamp) {
    node.sign = stamp;
    node.heardNanos = nanoTime.getAsLong();
    node.missed = 0;
  }

  private void set(Node node, OnlineChunk chunk, byte @Nullable [] value) {
    RoaringBitmap told = Packed.unpack(value, chunk);
    Group group = new Group(chunk.app(), chunk.platform());
    RoaringBitmap online = node.online.computeIfAbsent(group, _ -> new RoaringBitmap());
    bytes -= cost(online.rangeCardinality(chunk.first(), chunk.end()));
    online.remove(chunk.first(), chunk.end());
    long cost = cost(told.getCardinality());
    if (cost > 0 && hasRoom(bytes + cost <= mostBytes)) {
      online.or(told);
      bytes += cost;
    }
    if (online.isEmpty()) {
      node.online.remove(group);
    }
  }

  private static long cost(long members) {
    return members == 0 ? 0 : CHUNK_BYTES + Math.min(2 * members, MOST_CHUNK_BYTES);
  }

  private boolean hasRoom(boolean room) {
    if (!room && !overfull) {
      overfull = true;
      log.error("other nodes have more connections than are counted");
    }
    return room;
  }

  /// Whether this node has read a sign of its own, so that others may count.
  synchronized boolean isReady() {
    return ownSign != null;
  }

  private boolean counts(Node node) {
    return ownSign != null
        && node.sign != null
        && nanoTime.getAsLong() - node.heardNanos <= SILENCE.toNanos();
  }

  /// Whether a node of this name is there.
  synchronized boolean isThere(String name) {
    Node node = nodes.get(name);
    return node != null && counts(node);
  }

  /// The members of an app who are online elsewhere; the caller's own.
  synchronized RoaringBitmap online(int app) {
    List<RoaringBitmap> parts = new ArrayList<>();
    for (Node node : nodes.values()) {
      if (counts(node)) {
        node.online.forEach((group, online) -> {
          if (group.app() == app) {
            parts.add(online);
          }
        });
      }
    }
    return FastAggregation.or(parts.iterator());
  }

  /// What some members of an app have elsewhere: one for each node and platform.
  synchronized List<Presence.Connection> connections(int app, Collection<Member> members) {
    List<Presence.Connection> found = new ArrayList<>();
    nodes.forEach((name, node) -> {
      if (counts(node)) {
        node.online.forEach((group, online) -> {
          if (group.app() == app) {
            members.stream()
                .filter(member -> online.contains(member.ordinal()))
                .forEach(member -> found.add(connection(name, group.platform(), member)));
          }
        });
      }
    });
    return found;
  }

  private static Presence.Connection connection(String node, String platform, Member member) {
    ConnectionId id = ConnectionId.all(node, member.ordinal(), platform);
    return new Presence.Connection(member.id(), id.toString(), "", platform, null);
  }

  /// The nodes that said something of themselves and are not known to have ended, in order of their
  /// names.
  synchronized List<Cell.Peer> peers() {
    List<Cell.Peer> peers = new ArrayList<>();
    new TreeMap<>(nodes)
        .values()
        .forEach(node -> {
          if (node.sign != null && node.report != null) {
            peers.add(new Cell.Peer(node.report, node.sign, counts(node)));
          }
        });
    return peers;
  }

  /// Since when, by the broker's clock, all that counts was heard from, this node itself too: while
  /// Kafka is away nobody is. The epoch before this node has read anything.
  synchronized Instant asOf() {
    Instant oldest = ownSign == null ? Instant.EPOCH : ownSign;
    for (Node node : nodes.values()) {
      if (counts(node) && node.sign != null && node.sign.isBefore(oldest)) {
        oldest = node.sign;
      }
    }
    return oldest;
  }

  /// Up to so many subjects of dead nodes, for burying.
  synchronized List<Subject> remains(int most) {
    List<Subject> remains = new ArrayList<>();
    nodes.forEach((name, node) -> {
      if (node.missed >= DEAD_AFTER) {
        node.online.forEach((group, online) -> addParts(remains, name, group, online, most));
        if (remains.size() < most) {
          remains.add(new Subject.Life(name));
        }
      }
    });
    return remains;
  }

  private static void addParts(
      List<Subject> remains, String node, Group group, RoaringBitmap online, int most) {
    for (OnlineChunk chunk : OnlineChunk.of(group.app(), group.platform(), online)) {
      if (remains.size() < most) {
        remains.add(new Subject.Part(node, chunk));
      }
    }
  }

  /// Forgets everything, because the topic is another one.
  synchronized void clear() {
    nodes.clear();
    bytes = 0;
    ownSign = null;
  }
}
