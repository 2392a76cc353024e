package dev.fanfare.journal.kafka;

import dev.fanfare.Signal;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.kafka.metadata.storage.Formatter;
import org.jspecify.annotations.Nullable;

/// One Kafka broker as a child process, a controller too, with its data in a directory. Owned by
/// one thread.
final class Broker {
  private static final Path CLASS_PATH = Path.of("target", "test-class-path");

  private final Path directory;
  private volatile @Nullable Process process;

  /// Where one of a broker's listeners is.
  ///
  /// @param port where it listens
  /// @param seen where clients are told that it is
  record Endpoint(BrokerListener listener, int port, int seen) {
    String listens() {
      return listener.name() + "://127.0.0.1:" + port;
    }

    String advertised() {
      return listener.name() + "://127.0.0.1:" + seen;
    }

    String protocol() {
      return listener.name() + ":" + listener.protocol();
    }
  }

  /// A broker's part in its cluster.
  ///
  /// @param cluster Kafka's id of it
  /// @param voters `controller.quorum.voters`
  record Seat(int id, String cluster, String voters, int controllerPort) {}

  /// Formats its directory.
  ///
  /// @param endpoints the first one is for the brokers themselves
  Broker(Path directory, Seat seat, List<Endpoint> endpoints) {
    this.directory = directory;
    try {
      Files.createDirectories(directory);
      Files.writeString(
          directory.resolve("server.properties"),
          properties(seat, endpoints),
          StandardCharsets.UTF_8);
      new Formatter()
          .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
          .setNodeId(seat.id())
          .setClusterId(seat.cluster())
          .setControllerListenerName("CONTROLLER")
          .addDirectory(data().toString())
          .setMetadataLogDirectory(data().toString())
          .run();
    } catch (Exception e) {
      throw new IllegalStateException("cannot format a broker", e);
    }
  }

  private Path data() {
    return directory.resolve("data");
  }

  private String properties(Seat seat, List<Endpoint> endpoints) {
    return """
    process.roles=broker,controller
    node.id=%d
    controller.quorum.voters=%s
    listeners=%s,CONTROLLER://127.0.0.1:%d
    advertised.listeners=%s
    listener.security.protocol.map=%s,CONTROLLER:PLAINTEXT
    inter.broker.listener.name=%s
    controller.listener.names=CONTROLLER
    log.dirs=%s
    log.segment.bytes=1048576
    num.network.threads=1
    num.io.threads=2
    offsets.topic.num.partitions=1
    offsets.topic.replication.factor=3
    auto.create.topics.enable=false
    auto.leader.rebalance.enable=false
    group.initial.rebalance.delay.ms=0
    broker.session.timeout.ms=3000
    broker.heartbeat.interval.ms=500
    controller.quorum.fetch.timeout.ms=2000
    controller.quorum.election.timeout.ms=1000
    replica.lag.time.max.ms=3000
    %s
    """
        .formatted(
            seat.id(),
            seat.voters(),
            endpoints.stream().map(Endpoint::listens).collect(Collectors.joining(",")),
            seat.controllerPort(),
            endpoints.stream().map(Endpoint::advertised).collect(Collectors.joining(",")),
            endpoints.stream().map(Endpoint::protocol).collect(Collectors.joining(",")),
            endpoints.getFirst().listener().name(),
            data(),
            endpoints.stream()
                .map(endpoint -> endpoint.listener().properties())
                .collect(Collectors.joining("\n")));
  }

  void start() {
    try {
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx256m",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-Dlogback.configurationFile="
                      + Path.of("src/test/resources/brokers-logback.xml").toAbsolutePath(),
                  "-cp",
                  classPath(),
                  BrokerProcess.class.getName(),
                  directory.resolve("server.properties").toString())
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(directory.resolve("output.log").toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The compiled tests, and everything that they need, Kafka's brokers too.
  static String classPath() throws IOException {
    try {
      Path tests =
          Path.of(Broker.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return tests + File.pathSeparator + Files.readString(CLASS_PATH).strip();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  void kill() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly();
      try {
        running.waitFor();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  void send(Signal signal) {
    signal.send(Objects.requireNonNull(process, "it was started").pid());
  }

  String output() {
    try {
      return Files.readString(directory.resolve("output.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
