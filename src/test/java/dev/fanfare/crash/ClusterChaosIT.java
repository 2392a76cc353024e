package dev.fanfare.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.journal.kafka.KafkaBrokers;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Kills, suspends and restarts brokers and nodes at random, under registrations, broadcasts and
/// connected devices on all nodes. Afterwards everything that was acknowledged is on every node,
/// all replicas are equal, and every device heard every broadcast of its member once, in order.
///
/// The seed is printed; it decides the load and the faults, though not how threads interleave.
/// Replay with `-Dseed=N`. One minute in every run, ten with `-Dlong=true`.
@Timeout(1_500)
final class ClusterChaosIT {
  private static final Duration LENGTH =
      Boolean.getBoolean("long") ? Duration.ofMinutes(10) : Duration.ofMinutes(1);
  private static final Duration SETTLED_WITHIN = Duration.ofSeconds(90);
  private static final int DEVICES = 12;

  /// Between two broadcasts of a sender, so that in all they stay below what an app may have.
  private static final Duration PAUSE = LENGTH.dividedBy(2_000);

  private final long seed = Long.getLong("seed", new Random().nextLong());
  private final Random random = new Random(seed);
  private final List<Device> devices = new ArrayList<>();
  private final List<Api> places = new ArrayList<>();
  private final Set<String> registered = ConcurrentHashMap.newKeySet();

  /// Acknowledged broadcasts: id → tag of the audience.
  private final Map<String, String> sent = new ConcurrentHashMap<>();

  private volatile boolean stopping;
  private volatile long giveUpNanos;

  @TempDir private Path directory;

  @Test
  void nothing_acknowledged_is_lost_and_all_replicas_are_equal() throws Exception {
    System.out.println("ClusterChaosIT seed " + seed);
    try (KafkaBrokers brokers = KafkaBrokers.start(directory.resolve("brokers"))) {
      ClusterNodes nodes = new ClusterNodes(directory, brokers, "chaos-" + UUID.randomUUID());
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        run(brokers, nodes, threads);
      } finally {
        nodes.close();
        places.forEach(Api::close);
      }
      List<String> checksums = nodes.checksums();
      assertThat(checksums).as("one state on all nodes").containsOnly(checksums.getFirst());
    }
  }

  private void run(KafkaBrokers brokers, ClusterNodes nodes, ExecutorService threads)
      throws Exception {
    try {
      connect(nodes);
      List<Future<?>> work = new ArrayList<>();
      for (int node = 0; node < ClusterNodes.COUNT; node++) {
        int own = node;
        work.add(threads.submit(() -> register(nodes.api(own), own)));
        work.add(threads.submit(() -> send(nodes.api(own), own)));
      }
      devices.forEach(device -> threads.submit(device::run));
      disturb(brokers, nodes);
      stop();
      for (Future<?> part : work) {
        part.get();
      }
      awaitDevices();
      check(nodes);
    } finally {
      stop();
      devices.forEach(Device::stop);
    }
  }

  /// Members with devices, whose tags never change, so that everyone knows who is due what.
  private void connect(ClusterNodes nodes) throws Exception {
    for (int i = 0; i < DEVICES; i++) {
      String id = "device" + i;
      String body = "{\"tags\":[\"group%d\"]}".formatted(i % 2);
      insist(() -> nodes.api(0).call("PUT", "/members/" + id, body));
      Api place = new Api();
      places.add(place);
      devices.add(new Device(place, id, i % 3 == 0));
      move(nodes, i, i % ClusterNodes.COUNT);
    }
  }

  private void stop() {
    giveUpNanos = System.nanoTime() + SETTLED_WITHIN.toNanos();
    stopping = true;
  }

  private void move(ClusterNodes nodes, int device, int node) {
    places.get(device).moveTo(nodes.server(node).apiPort(), nodes.server(node).gatewayPort());
    devices.get(device).reconnect();
  }

  private void disturb(KafkaBrokers brokers, ClusterNodes nodes) throws InterruptedException {
    long end = System.nanoTime() + LENGTH.toNanos();
    while (System.nanoTime() < end) {
      Thread.sleep(500 + random.nextInt(2_000));
      int broker = random.nextInt(KafkaBrokers.COUNT);
      switch (random.nextInt(5)) {
        case 0 -> {
          brokers.kill(broker);
          Thread.sleep(random.nextInt(4_000));
          brokers.restart(broker);
          brokers.awaitMembers(KafkaBrokers.COUNT);
        }
        case 1 -> pause(brokers, List.of(broker));
        case 2 -> pause(brokers, List.of(broker, (broker + 1) % KafkaBrokers.COUNT));
        case 3 -> {
          int node = random.nextInt(ClusterNodes.COUNT);
          nodes.killAndRestart(node);
          for (int i = node; i < DEVICES; i += ClusterNodes.COUNT) {
            move(nodes, i, node);
          }
        }
        default -> move(nodes, random.nextInt(DEVICES), random.nextInt(ClusterNodes.COUNT));
      }
    }
  }

  private void pause(KafkaBrokers brokers, List<Integer> paused) throws InterruptedException {
    paused.forEach(brokers::suspend);
    try {
      Thread.sleep(1_000 + random.nextInt(4_000));
    } finally {
      paused.forEach(brokers::resume);
    }
  }

  private interface Attempt {
    HttpResponse<String> call() throws IOException, InterruptedException;
  }

  /// Repeats a call until it is answered with success: nodes die under it and Kafka goes away.
  private HttpResponse<String> insist(Attempt attempt) throws InterruptedException {
    while (!stopping || System.nanoTime() < giveUpNanos) {
      try {
        HttpResponse<String> answer = attempt.call();
        if (answer.statusCode() / 100 == 2) {
          return answer;
        }
        if (answer.statusCode() != 503) {
          throw new AssertionError("answered " + answer.statusCode() + " " + answer.body());
        }
      } catch (IOException e) {
        Thread.sleep(20);
      }
    }
    throw new AssertionError("the node does not recover");
  }

  private Void register(Api api, int own) throws InterruptedException {
    for (int n = 0; !stopping; n++) {
      String id = "r" + own + "-" + n;
      try {
        if (api.call("PUT", "/members/" + id, "{\"tags\":[\"new\"]}").statusCode() == 200) {
          registered.add(id);
        }
      } catch (IOException e) {
        Thread.sleep(20);
      }
    }
    return null;
  }

  private Void send(Api api, int own) throws Exception {
    for (int n = 0; !stopping; n++) {
      String tag = "group" + n % 2;
      String body = "{\"audience\":\"tag:%s\",\"message\":{\"body\":%d}}".formatted(tag, n);
      String key = "send-" + own + "-" + n;
      HttpResponse<String> answer =
          insist(() -> api.call("POST", "/broadcasts", body, "Idempotency-Key", key));
      String id = Api.JSON.readTree(answer.body()).path("id").asText();
      assertThat(sent.put(id, tag)).as("an id for one send").isNull();
      Thread.sleep(PAUSE);
    }
    return null;
  }

  private Set<String> expected(Device device) {
    int number = Integer.parseInt(device.member().substring("device".length()));
    Set<String> ids = new TreeSet<>();
    sent.forEach((id, tag) -> {
      if (tag.equals("group" + number % 2)) {
        ids.add(id);
      }
    });
    return ids;
  }

  private void awaitDevices() throws InterruptedException {
    long deadline = System.nanoTime() + SETTLED_WITHIN.toNanos();
    boolean complete = false;
    while (!complete && System.nanoTime() < deadline) {
      Thread.sleep(100);
      complete =
          devices.stream()
              .allMatch(device -> new HashSet<>(device.heard()).containsAll(expected(device)));
    }
  }

  private void check(ClusterNodes nodes) throws Exception {
    System.out.printf(
        "ClusterChaosIT: %d registrations, %d broadcasts%n", registered.size(), sent.size());
    assertThat(registered).hasSizeGreaterThan(ClusterNodes.COUNT);
    assertThat(sent).hasSizeGreaterThan(ClusterNodes.COUNT);
    for (Device device : devices) {
      assertThat(device.heard()).as(device.member()).doesNotHaveDuplicates();
      assertThat(new TreeSet<>(device.heard())).as(device.member()).isEqualTo(expected(device));
      assertThat(device.offsets()).as("journal order").isSorted();
    }
    for (int node = 0; node < ClusterNodes.COUNT; node++) {
      for (String id : registered) {
        JsonNode member = nodes.api(node).get("/members/" + id);
        assertThat(member.at("/tags/0").asText()).isEqualTo("new");
      }
    }
  }
}
