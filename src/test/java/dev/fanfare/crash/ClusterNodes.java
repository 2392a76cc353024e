package dev.fanfare.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.PackagedServer;
import dev.fanfare.journal.kafka.KafkaBrokers;
import dev.fanfare.journal.kafka.ReplicaCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/// Three packaged servers that follow one topic, each with an [Api] that finds it after a restart.
/// One thread starts and ends them; any thread may ask.
final class ClusterNodes implements AutoCloseable {
  static final int COUNT = 3;
  private static final int STARTS = 3;

  private final Path directory;
  private final KafkaBrokers brokers;
  private final String topic;
  private final List<String> addresses;
  private final List<PackagedServer> servers = new CopyOnWriteArrayList<>();
  private final List<Api> apis = new ArrayList<>();

  ClusterNodes(Path directory, KafkaBrokers brokers, String topic) {
    this(directory, brokers, topic, Stream.generate(brokers::servers).limit(COUNT).toList());
  }

  /// @param addresses where each node finds the brokers
  ClusterNodes(Path directory, KafkaBrokers brokers, String topic, List<String> addresses) {
    this.directory = directory;
    this.brokers = brokers;
    this.topic = topic;
    this.addresses = addresses;
    for (int i = 0; i < COUNT; i++) {
      apis.add(new Api());
    }
    for (int i = 0; i < COUNT; i++) {
      servers.add(start(i));
    }
    servers.getFirst().lift();
  }

  private PackagedServer start(int node) {
    PackagedServer server =
        PackagedServer.start(
            data(node),
            "--dev",
            "--journal",
            "kafka",
            "--kafka-bootstrap-servers",
            addresses.get(node),
            "--kafka-topic",
            topic);
    apis.get(node).moveTo(server.apiPort(), server.gatewayPort());
    return server;
  }

  /// Sums up what each of them has stored, after [#close].
  List<String> checksums() {
    List<String> checksums = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      checksums.add(ReplicaCheck.checksum(brokers, topic, data(i)));
    }
    return checksums;
  }

  private Path data(int node) {
    return directory.resolve("node-" + node);
  }

  PackagedServer server(int node) {
    return servers.get(node);
  }

  Api api(int node) {
    return apis.get(node);
  }

  /// Ends a node at once and starts it again.
  void killAndRestart(int node) {
    kill(node);
    restart(node);
  }

  /// Ends a node at once.
  void kill(int node) {
    servers.get(node).kill();
  }

  /// Starts a node that was killed, and again when it found no Kafka in time, as a supervisor does.
  void restart(int node) {
    for (int left = STARTS - 1; ; left--) {
      try {
        servers.set(node, start(node));
        return;
      } catch (AssertionError e) {
        if (left == 0 || !foundNoKafka(e)) {
          throw e;
        }
      }
    }
  }

  /// Whether that is the last thing that a node said.
  private static boolean foundNoKafka(AssertionError failure) {
    String said = String.valueOf(failure.getMessage()).stripTrailing();
    return said.substring(said.lastIndexOf('\n') + 1).contains("Kafka cannot be used: ");
  }

  /// Stops a node and starts it again. What it waits for may not come in time.
  void stopAndRestart(int node) {
    assertThat(servers.get(node).stop()).as("exit code").isIn(0, 1);
    restart(node);
  }

  /// Stops all of them in order, also when one does not stop as it should.
  @Override
  public void close() {
    List<AssertionError> failures = new ArrayList<>();
    for (PackagedServer server : servers) {
      try {
        server.close();
      } catch (AssertionError e) {
        failures.add(e);
      }
    }
    apis.forEach(Api::close);
    if (!failures.isEmpty()) {
      throw failures.getFirst();
    }
  }
}
