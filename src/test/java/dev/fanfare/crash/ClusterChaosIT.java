package dev.fanfare.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.crowd.Crowd;
import dev.fanfare.crowd.CrowdDevice;
import dev.fanfare.crowd.Ear;
import dev.fanfare.journal.kafka.BrokerListener;
import dev.fanfare.journal.kafka.KafkaBrokers;
import dev.fanfare.journal.kafka.Link;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Brokers and nodes are killed, stand still and start again, and nodes are cut off from Kafka, at
/// random and at once, under changes in every dialect on every node, broadcasts of which some are
/// paced, and a crowd of devices that lose their connections and roam between the nodes.
///
/// Afterwards every acknowledged change is in the journal once and on every node, none that was
/// refused is, none that was not answered took effect after its bound, all replicas are equal, and
/// every device heard every broadcast of its group once and in order.
///
/// The seed is printed; it decides the load and the faults, though not how threads interleave.
/// Replay with `-Dseed=N`. One minute with 300 devices, ten with 3,000 with `-Dlong=true`.
@Timeout(1_800)
final class ClusterChaosIT {
  private static final boolean LONG = Boolean.getBoolean("long");
  private static final Duration LENGTH = Duration.ofMinutes(LONG ? 10 : 1);
  private static final Duration LONGEST_FAULT =
      LONG ? Duration.ofMinutes(1) : Duration.ofSeconds(12);
  private static final Duration BETWEEN_BROADCASTS =
      LONG ? Duration.ofSeconds(1) : Duration.ofMillis(300);
  private static final Duration SETTLED_WITHIN = Duration.ofMinutes(2);
  private static final int DEVICES = LONG ? 3_000 : 300;
  private static final int PACE = DEVICES / 6;
  private static final int CALLERS = 6;
  private static final int PER_CALL = 1_000;

  private final long seed = Long.getLong("seed", new Random().nextLong());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final List<Link> links =
      IntStream.range(0, ClusterNodes.COUNT).mapToObj(_ -> new Link()).toList();
  private final String topic = "chaos-" + UUID.randomUUID();
  private final List<Heard> ears = new ArrayList<>();

  @TempDir private Path directory;

  /// What a device heard, whose positions have to rise. Its event loop writes, the test reads.
  private static final class Heard implements Ear {
    private final List<Integer> numbers = new ArrayList<>();
    private long last;

    @Override
    public synchronized @Nullable String hear(long offset, int number) {
      String wrong = offset > last ? null : "heard offset " + offset + " after " + last;
      last = Math.max(last, offset);
      numbers.add(number);
      return wrong;
    }

    synchronized List<Integer> sorted() {
      return numbers.stream().sorted().toList();
    }
  }

  @Test
  void nothing_acknowledged_is_lost_and_all_replicas_are_equal() throws Exception {
    System.out.println("ClusterChaosIT seed " + seed);
    BrokerListener[] listeners =
        IntStream.range(0, ClusterNodes.COUNT)
            .mapToObj(i -> new BrokerListener("NODE" + i, "PLAINTEXT", "", links.get(i)::to))
            .toArray(BrokerListener[]::new);
    try (KafkaBrokers brokers = KafkaBrokers.start(directory.resolve("brokers"), listeners)) {
      List<String> addresses =
          IntStream.range(0, ClusterNodes.COUNT).mapToObj(brokers::servers).toList();
      ClusterNodes nodes = new ClusterNodes(directory, brokers, topic, addresses);
      try (nodes) {
        run(brokers, nodes);
      }
      List<String> checksums = nodes.checksums();
      assertThat(checksums).as("one state on all nodes").containsOnly(checksums.getFirst());
    } finally {
      links.forEach(Link::close);
    }
  }

  private void run(KafkaBrokers brokers, ClusterNodes nodes) throws Exception {
    ChaosLoad load = new ChaosLoad(nodes, BETWEEN_BROADCASTS);
    ChaosFaults faults = new ChaosFaults(brokers, nodes, links, LONGEST_FAULT);
    try (Crowd crowd = crowd(nodes)) {
      disturb(faults, load, crowd);
      await("every device hears everything", () -> isComplete(load) || !troubles(crowd).isEmpty());
      assertThat(troubles(crowd)).isEmpty();
      Set<String> state = ChaosAudit.state(nodes);
      System.out.printf(
          "ClusterChaosIT: %d changes, %d broadcasts%n",
          load.changes().size(), load.sentTo(0).size() + load.sentTo(1).size());
      assertThat(troubles(crowd)).isEmpty();
      new ChaosAudit(load, faults).check(brokers, topic, state);
    }
  }

  /// Connected devices of members whose groups never change, so that everyone knows who is due
  /// what.
  private Crowd crowd(ClusterNodes nodes) throws Exception {
    for (int from = 0; from < DEVICES; from += PER_CALL) {
      String operations =
          IntStream.range(from, Math.min(from + PER_CALL, DEVICES))
              .mapToObj(
                  i -> "{\"put\":{\"id\":\"device%d\",\"tags\":[\"group%d\"]}}".formatted(i, i % 2))
              .collect(Collectors.joining(","));
      String body = "{\"operations\":[" + operations + "]}";
      var _ = nodes.api(0).insist("POST", "/members:batch", body);
    }
    Crowd crowd =
        new Crowd(
            () -> nodes.api(ThreadLocalRandom.current().nextInt(ClusterNodes.COUNT)).gatewayPort(),
            nodes.server(0).credentials().path("apps").path(0).path("deviceKey").asText());
    for (int i = 0; i < DEVICES; i++) {
      Heard ear = new Heard();
      ears.add(ear);
      crowd.add("device" + i, ear);
    }
    await(
        "all are connected",
        () -> crowd.devices().stream().allMatch(device -> device.channel() != null));
    return crowd;
  }

  /// Runs load and faults, and returns when the faults are over and every caller was answered.
  private void disturb(ChaosFaults faults, ChaosLoad load, Crowd crowd) throws Exception {
    long end = System.nanoTime() + LENGTH.toNanos();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Void>> callers = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        int own = caller;
        SplittableRandom part = random.split();
        callers.add(() -> load.register(part, own));
      }
      for (int node = 0; node < ClusterNodes.COUNT; node++) {
        int own = node;
        callers.add(() -> load.send(own, PACE));
      }
      List<Future<Void>> called = callers.stream().map(threads::submit).toList();
      Random forBrokers = new Random(random.nextLong());
      Random forNodes = new Random(random.nextLong());
      Random forDevices = new Random(random.nextLong());
      List<Future<Void>> disturbed =
          List.of(
              threads.submit(() -> faults.disturbBrokers(forBrokers, end)),
              threads.submit(() -> faults.disturbNodes(forNodes, end)));
      try {
        while (System.nanoTime() < end) {
          Thread.sleep(1_000);
          crowd.cut(forDevices, DEVICES / 50);
        }
        for (Future<Void> part : disturbed) {
          part.get();
        }
      } finally {
        load.stop();
      }
      for (Future<Void> call : called) {
        call.get();
      }
    }
  }

  private static List<String> troubles(Crowd crowd) {
    return crowd.devices().stream()
        .map(CrowdDevice::trouble)
        .filter(Objects::nonNull)
        .limit(5)
        .toList();
  }

  private boolean isComplete(ChaosLoad load) {
    List<List<Integer>> due = List.of(load.sentTo(0), load.sentTo(1));
    return IntStream.range(0, DEVICES).allMatch(i -> ears.get(i).sorted().equals(due.get(i % 2)));
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + SETTLED_WITHIN.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("never: %s", what).isLessThan(deadline);
      Thread.sleep(200);
    }
  }
}
