package dev.fanfare.crash;

import dev.fanfare.journal.kafka.KafkaBrokers;
import dev.fanfare.journal.kafka.Link;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;

/// What befalls brokers, nodes and the network between them: one thread for the brokers, one for
/// the nodes, so that both may be in trouble at once. Afterwards everything runs again.
final class ChaosFaults {
  /// Two brokers of three stand still no longer than a node that starts waits for them.
  private static final Duration LONGEST_WITHOUT_KAFKA = Duration.ofSeconds(10);

  private static final List<Link.State> CUTS =
      List.of(Link.State.BROKEN, Link.State.SILENT, Link.State.DEAF);

  private final KafkaBrokers brokers;
  private final ClusterNodes nodes;
  private final List<Link> links;
  private final Duration longest;
  private final List<Stillness> stillnesses = new CopyOnWriteArrayList<>();

  /// A time in which a node stood still, in milliseconds since the epoch.
  private record Stillness(int node, long from, long to) {}

  /// @param links of each node
  /// @param longest time for which anything stands still or is cut off
  ChaosFaults(KafkaBrokers brokers, ClusterNodes nodes, List<Link> links, Duration longest) {
    this.brokers = brokers;
    this.nodes = nodes;
    this.links = links;
    this.longest = longest;
  }

  Void disturbBrokers(Random random, long endNanos) throws InterruptedException {
    while (rest(random, endNanos)) {
      int broker = random.nextInt(KafkaBrokers.COUNT);
      switch (random.nextInt(3)) {
        case 0 -> {
          brokers.kill(broker);
          Thread.sleep(random.nextInt(4_000));
          brokers.restart(broker);
          brokers.awaitMembers(KafkaBrokers.COUNT);
        }
        case 1 -> standStill(List.of(broker), length(random, longest, endNanos));
        default -> {
          Duration length = length(random, LONGEST_WITHOUT_KAFKA, endNanos);
          standStill(List.of(broker, (broker + 1) % KafkaBrokers.COUNT), length);
        }
      }
    }
    return null;
  }

  private void standStill(List<Integer> still, Duration length) throws InterruptedException {
    still.forEach(brokers::suspend);
    try {
      Thread.sleep(length);
    } finally {
      still.forEach(brokers::resume);
    }
  }

  Void disturbNodes(Random random, long endNanos) throws InterruptedException {
    while (rest(random, endNanos)) {
      int node = random.nextInt(ClusterNodes.COUNT);
      switch (random.nextInt(6)) {
        case 0 -> nodes.killAndRestart(node);
        case 1 -> nodes.stopAndRestart(node);
        case 2, 3 -> standStill(node, length(random, longest, endNanos));
        default -> {
          Link.State state = CUTS.get(random.nextInt(CUTS.size()));
          cutOff(node, state, length(random, longest, endNanos));
        }
      }
    }
    return null;
  }

  private void standStill(int node, Duration length) throws InterruptedException {
    long from = System.currentTimeMillis();
    nodes.server(node).suspend();
    try {
      Thread.sleep(length);
    } finally {
      nodes.server(node).resume();
      stillnesses.add(new Stillness(node, from, System.currentTimeMillis()));
    }
  }

  private void cutOff(int node, Link.State state, Duration length) throws InterruptedException {
    links.get(node).set(state);
    try {
      Thread.sleep(length);
    } finally {
      links.get(node).set(Link.State.OPEN);
    }
  }

  /// Whether there is time for another fault, after a while without one.
  private static boolean rest(Random random, long endNanos) throws InterruptedException {
    Thread.sleep(500 + random.nextInt(2_500));
    return System.nanoTime() < endNanos;
  }

  /// A second at least, and mostly far less than the longest.
  private static Duration length(Random random, Duration longest, long endNanos) {
    double share = random.nextDouble();
    long millis = 1_000 + (long) (share * share * (longest.toMillis() - 1_000));
    long left = Duration.ofNanos(endNanos - System.nanoTime()).toMillis();
    return Duration.ofMillis(Math.clamp(left, 1_000, millis));
  }

  /// When a node that a call came to can have read it at the latest: at once, unless it stood still
  /// then. In milliseconds since the epoch.
  long readBy(int node, long called) {
    List<Long> ends = new ArrayList<>();
    ends.add(called);
    for (Stillness stillness : stillnesses) {
      boolean after = stillness.from() > called + ChaosLoad.BOUND.toMillis();
      if (stillness.node() == node && stillness.to() >= called && !after) {
        ends.add(stillness.to());
      }
    }
    return ends.stream().mapToLong(Long::longValue).max().orElseThrow();
  }
}
