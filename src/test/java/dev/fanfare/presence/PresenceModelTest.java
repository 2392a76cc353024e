package dev.fanfare.presence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.member.OnlineChunk;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/// Nodes that come, go, die, cannot be heard and are buried, dead or alive, over one topic that is
/// compacted meanwhile. Once it is quiet every node knows exactly who is online, and nothing is
/// left of the dead.
final class PresenceModelTest {
  private static final int SEEDS = Integer.getInteger("seeds", 200);
  private static final int STEPS = 400;
  private static final int APPS = 2;
  private static final List<String> PLATFORMS = List.of("iOS", "Web", "");

  private final List<Written> topic = new ArrayList<>();

  /// What failed and yet comes.
  private final List<Written> late = new ArrayList<>();

  private final List<Node> nodes = new ArrayList<>();
  private Random random = new Random();
  private long nanos;
  private long millis;
  private int named;

  /// @param compacted whether a later record of the same key made it go
  private record Written(byte[] key, byte @Nullable [] value, Instant stamp, boolean compacted) {}

  /// A node as [PresenceTopic] puts it together.
  private final class Node {
    private final FakeConnections local = new FakeConnections("n" + named++);
    private final MockProducer<byte[], byte[]> producer =
        new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final Announcer announcer =
        new Announcer(local, "presence", local::report, () -> producer);
    private final Elsewhere elsewhere =
        new Elsewhere(local.node(), () -> nanos, Elsewhere.MOST_BYTES);
    private int read;
    private int sent;

    /// What is under way arrives or not; of what fails, nobody knows whether it arrived.
    void deliver(boolean reliably) {
      while (sent < producer.history().size()) {
        ProducerRecord<byte[], byte[]> record = producer.history().get(sent++);
        boolean fails = !reliably && random.nextInt(10) == 0;
        Written written = new Written(record.key(), record.value(), now(), false);
        if (!fails || random.nextBoolean()) {
          topic.add(written);
        } else if (random.nextBoolean()) {
          late.add(written);
        }
        boolean told =
            fails ? producer.errorNext(new TimeoutException("?")) : producer.completeNext();
        assertThat(told).isTrue();
      }
    }

    void read(int most) {
      for (int left = most; left > 0 && read < topic.size(); read++) {
        Written record = topic.get(read);
        if (!record.compacted()) {
          left--;
          Subject subject = Subject.decode(record.key()).orElseThrow();
          elsewhere.hear(subject, record.value(), record.stamp());
          if (subject.node().equals(local.node())) {
            announcer.heard(subject, record.value());
          }
        }
      }
    }

    void change() {
      int app = 1 + random.nextInt(APPS);
      String platform = PLATFORMS.get(random.nextInt(PLATFORMS.size()));
      int ordinal = random.nextInt(3) << 16 | random.nextInt(4);
      if (random.nextBoolean()) {
        local.connect(app, platform, ordinal);
      } else {
        local.leave(app, platform, ordinal);
      }
    }

    RoaringBitmap online(int app) {
      return new CellPresence(local, elsewhere).online(app);
    }
  }

  private Instant now() {
    return Instant.ofEpochMilli(millis);
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
    millis += time.toMillis();
  }

  /// Takes away what a later record of the same key replaced, as far as live followers have read.
  private void compact() {
    int end = nodes.stream().mapToInt(node -> node.read).min().orElse(0);
    Set<String> seen = new HashSet<>();
    for (int i = end - 1; i >= 0; i--) {
      Written record = topic.get(i);
      if (!seen.add(Arrays.toString(record.key()))) {
        topic.set(i, new Written(record.key(), record.value(), record.stamp(), true));
      }
    }
  }

  private void step() {
    if (nodes.isEmpty() || (nodes.size() < 4 && random.nextInt(20) == 0)) {
      nodes.add(new Node());
    }
    Node node = nodes.get(random.nextInt(nodes.size()));
    switch (random.nextInt(40)) {
      case 0 -> nodes.remove(node);
      case 1 -> {
        node.announcer.close();
        node.deliver(false);
        nodes.remove(node);
      }
      case 2 -> compact();
      case 3 -> pass(Duration.ofSeconds(random.nextInt(60)));
      case 4 -> buryAlive(node);
      case 5 -> {
        topic.addAll(late);
        late.clear();
      }
      case 6, 7, 8, 9, 10, 11, 12 -> node.change();
      case 13, 14, 15, 16, 17, 18 -> node.announcer.announce(nanos);
      case 19, 20, 21, 22, 23, 24 -> node.deliver(false);
      case 25, 26, 27 -> pass(Duration.ofSeconds(1));
      default -> node.read(random.nextInt(20));
    }
  }

  /// As a node does that thinks, wrongly, that another one is dead.
  private void buryAlive(Node node) {
    Node other = nodes.get(random.nextInt(nodes.size()));
    List<Subject> remains = new ArrayList<>();
    for (OnlineChunk chunk : other.local.chunks()) {
      remains.add(new Subject.Part(other.local.node(), chunk));
    }
    remains.add(new Subject.Life(other.local.node()));
    if (node != other && node.announcer.isIdle()) {
      node.announcer.bury(remains.subList(0, random.nextInt(remains.size()) + 1));
    }
  }

  /// Everything arrives, and the first node has the duties.
  private void settle() {
    for (int second = 0; second < 4 * Elsewhere.DEAD_AFTER; second++) {
      for (Node node : nodes) {
        node.announcer.announce(nanos);
        node.deliver(true);
        node.read(Integer.MAX_VALUE);
      }
      Node duty = nodes.getFirst();
      duty.announcer.bury(duty.elsewhere.remains(5));
      duty.deliver(true);
      pass(Duration.ofSeconds(1));
    }
    nodes.forEach(node -> node.read(Integer.MAX_VALUE));
  }

  @Test
  void once_it_is_quiet_every_node_knows_exactly_who_is_online() {
    Long only = Long.getLong("seed");
    for (long seed = only == null ? 0 : only; seed < (only == null ? SEEDS : only + 1); seed++) {
      run(seed);
    }
  }

  private void run(long seed) {
    random = new Random(seed);
    topic.clear();
    late.clear();
    nodes.clear();
    millis = 1_000_000;
    for (int i = 0; i < STEPS; i++) {
      step();
    }
    nodes.add(new Node());
    topic.addAll(late);
    settle();
    compact();
    Node late = new Node();
    nodes.add(late);
    late.announcer.announce(nanos);
    late.deliver(true);
    nodes.forEach(node -> node.read(Integer.MAX_VALUE));
    for (int app = 1; app <= APPS; app++) {
      RoaringBitmap truth = new RoaringBitmap();
      for (Node node : nodes) {
        truth.or(node.local.online(app));
      }
      for (Node node : nodes) {
        assertThat(node.online(app)).as("seed %d, %s", seed, node.local.node()).isEqualTo(truth);
      }
    }
    assertThat(ofDead()).as("seed %d", seed).isEmpty();
  }

  /// Nodes of which something is left in the topic though they are gone.
  private Set<String> ofDead() {
    Set<String> left = new HashSet<>();
    for (Written record : topic) {
      if (!record.compacted() && record.value() != null) {
        left.add(Subject.decode(record.key()).orElseThrow().node());
      }
    }
    nodes.forEach(node -> left.remove(node.local.node()));
    return left;
  }
}
