package dev.fanfare.crash;

import dev.fanfare.PackagedServer;
import dev.fanfare.crowd.Crowd;
import dev.fanfare.crowd.CrowdDevice;
import dev.fanfare.journal.kafka.KafkaBrokers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Broadcasts to everyone connected, one in flight, to the same number of devices: on one machine
/// without Kafka, on one node with it, and on three nodes that share the devices. Prints for each
/// the deliveries per second of all nodes' processor time and the milliseconds until the last
/// recipient, on one machine with the brokers and the devices; `bench/kafka/run` runs it.
final class ClusterFanOutBenchmark {
  private static final int DEVICES = 6_000;
  private static final int BROADCASTS = 150;
  private static final int PER_CALL = 1_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String TEXT = "x".repeat(256);

  private ClusterFanOutBenchmark() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("cluster-fan-out");
    try (PackagedServer alone = PackagedServer.start(directory.resolve("alone"), "--dev");
        Api api = new Api()) {
      api.moveTo(alone.apiPort(), alone.gatewayPort());
      register(api);
      measure("one machine", api, List.of(alone));
    }
    String topic = "fan-out-" + UUID.randomUUID();
    try (ClusterNodes nodes = new ClusterNodes(directory, KafkaBrokers.shared(), topic)) {
      register(nodes.api(0));
      nodes.kill(1);
      nodes.kill(2);
      measure("one node", nodes.api(0), List.of(nodes.server(0)));
      nodes.restart(1);
      nodes.restart(2);
      measure(
          "three nodes",
          nodes.api(0),
          IntStream.range(0, ClusterNodes.COUNT).mapToObj(nodes::server).toList());
    }
    System.exit(0);
  }

  private static void register(Api api) throws IOException, InterruptedException {
    for (int from = 0; from < DEVICES; from += PER_CALL) {
      String operations =
          IntStream.range(from, from + PER_CALL)
              .mapToObj("{\"put\":{\"id\":\"m%d\"}}"::formatted)
              .collect(Collectors.joining(","));
      call(api, "/members:batch", "{\"operations\":[" + operations + "]}");
    }
  }

  private static void call(Api api, String path, String body)
      throws IOException, InterruptedException {
    var answer = api.call("POST", path, body);
    if (answer.statusCode() / 100 != 2) {
      throw new AssertionError(path + " answered " + answer.body());
    }
  }

  private static void measure(String what, Api api, List<PackagedServer> servers)
      throws IOException, InterruptedException {
    String key =
        Objects.requireNonNull(servers.getFirst().credentials().findValue("deviceKey")).asText();
    AtomicInteger next = new AtomicInteger();
    Semaphore heard = new Semaphore(0);
    try (Crowd crowd =
        new Crowd(() -> servers.get(next.getAndIncrement() % servers.size()).gatewayPort(), key)) {
      for (int i = 0; i < DEVICES; i++) {
        crowd.add(
            "m" + i,
            (_, _) -> {
              heard.release();
              return null;
            });
      }
      while (crowd.devices().stream().anyMatch(device -> device.channel() == null)) {
        Thread.sleep(100);
      }
      Thread.sleep(2_000); // everyone is told that it has caught up
      send(api, heard, BROADCASTS);
      Duration before = processorTime(servers);
      long[] nanos = send(api, heard, BROADCASTS);
      double seconds = processorTime(servers).minus(before).toNanos() / 1e9;
      for (CrowdDevice device : crowd.devices()) {
        if (device.heard() != 2 * BROADCASTS) {
          throw new AssertionError(device.member() + " heard " + device.heard());
        }
      }
      System.out.printf(
          Locale.ROOT,
          "%s, %d devices: %.0f deliveries per core-second, last recipient p50 %.1f ms, p99 %.1f ms%n",
          what,
          DEVICES,
          (double) DEVICES * BROADCASTS / seconds,
          nanos[nanos.length / 2] / 1e6,
          nanos[nanos.length * 99 / 100] / 1e6);
    }
  }

  /// Sends broadcasts, each once the one before has reached everyone.
  ///
  /// @return how long each took, sorted
  private static long[] send(Api api, Semaphore heard, int broadcasts)
      throws IOException, InterruptedException {
    long[] nanos = new long[broadcasts];
    for (int i = 0; i < broadcasts; i++) {
      long begun = System.nanoTime();
      call(
          api,
          "/broadcasts",
          "{\"audience\":\"everyone\",\"ttlSeconds\":0,\"message\":{\"body\":{\"number\":%d,\"text\":\"%s\"}}}"
              .formatted(i, TEXT));
      if (!heard.tryAcquire(DEVICES, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("heard by " + heard.availablePermits() + " of " + DEVICES);
      }
      nanos[i] = System.nanoTime() - begun;
    }
    Arrays.sort(nanos);
    return nanos;
  }

  private static Duration processorTime(List<PackagedServer> servers) {
    return servers.stream()
        .map(server -> ProcessHandle.of(server.pid()).orElseThrow())
        .map(process -> process.info().totalCpuDuration().orElseThrow())
        .reduce(Duration.ZERO, Duration::plus);
  }
}
