package dev.fanfare.journal.kafka;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;
import org.jspecify.annotations.Nullable;

/// Three Kafka brokers as child processes, each a controller too, with their data in a directory.
///
/// They fail over within seconds, so that tests need not wait. Owned by one thread. What a broker
/// printed is in `output.log` in its directory.
public final class KafkaBrokers implements AutoCloseable {
  /// How many there are.
  public static final int COUNT = 3;

  private static final Duration START_WITHIN = Duration.ofSeconds(90);
  private static final Path CLASS_PATH = Path.of("target", "test-class-path");

  private static @Nullable KafkaBrokers shared;

  private final List<Broker> brokers = new ArrayList<>();
  private final List<Integer> ports;
  private final String quorum;

  private KafkaBrokers(Path directory) {
    List<Integer> free = freePorts(2 * COUNT);
    this.ports = free.subList(0, COUNT);
    this.quorum =
        IntStream.range(0, COUNT)
            .mapToObj(i -> (i + 1) + "@127.0.0.1:" + free.get(COUNT + i))
            .collect(Collectors.joining(","));
    String cluster = Uuid.randomUuid().toString();
    for (int i = 0; i < COUNT; i++) {
      brokers.add(
          new Broker(directory.resolve("broker-" + (i + 1)), i + 1, free.get(COUNT + i), cluster));
    }
  }

  /// Brokers that all tests of this process share, which leave them as they were. They end with the
  /// process.
  public static synchronized KafkaBrokers shared() {
    KafkaBrokers running = shared;
    if (running == null) {
      try {
        running = start(Files.createTempDirectory("kafka-brokers"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      shared = running;
      Runtime.getRuntime().addShutdownHook(new Thread(running::close));
    }
    return running;
  }

  /// Formats and starts them, and returns when they are one cluster.
  public static KafkaBrokers start(Path directory) {
    KafkaBrokers cluster = new KafkaBrokers(directory);
    try {
      cluster.brokers.forEach(Broker::start);
      cluster.awaitMembers(COUNT);
      return cluster;
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  /// Where they are, for `bootstrap.servers`.
  public String servers() {
    return ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
  }

  /// Ends a broker at once (SIGKILL).
  public void kill(int number) {
    brokers.get(number).kill();
  }

  /// Starts a broker that was killed.
  public void restart(int number) {
    brokers.get(number).start();
  }

  /// Has a broker stand still (SIGSTOP) as if it, or its network, were gone.
  public void suspend(int number) {
    brokers.get(number).signal("STOP");
  }

  /// Has a broker go on that was suspended.
  public void resume(int number) {
    brokers.get(number).signal("CONT");
  }

  /// Waits until so many brokers take part.
  public void awaitMembers(int count) {
    long deadline = System.nanoTime() + START_WITHIN.toNanos();
    try (Admin admin = admin()) {
      while (members(admin) != count) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError("the brokers do not come together:\n" + outputs());
        }
        Thread.sleep(100);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public Admin admin() {
    return Admin.create(
        Map.of(
            "bootstrap.servers", servers(),
            "request.timeout.ms", 2_000,
            "default.api.timeout.ms", 5_000));
  }

  private static int members(Admin admin) throws InterruptedException {
    try {
      return admin.describeCluster().nodes().get().size();
    } catch (ExecutionException e) {
      return 0;
    }
  }

  private String outputs() {
    return brokers.stream().map(Broker::output).collect(Collectors.joining("\n"));
  }

  private static List<Integer> freePorts(int count) {
    List<ServerSocket> open = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        open.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      List<Integer> ports = open.stream().map(ServerSocket::getLocalPort).toList();
      for (ServerSocket socket : open) {
        socket.close();
      }
      return ports;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    brokers.forEach(Broker::kill);
  }

  /// One of them.
  private final class Broker {
    private final Path directory;
    private final int id;
    private @Nullable Process process;

    Broker(Path directory, int id, int controllerPort, String cluster) {
      this.directory = directory;
      this.id = id;
      try {
        Files.createDirectories(directory);
        Files.writeString(
            directory.resolve("server.properties"),
            properties(controllerPort),
            StandardCharsets.UTF_8);
        new Formatter()
            .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
            .setNodeId(id)
            .setClusterId(cluster)
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

    private String properties(int controllerPort) {
      String listener = "BROKER://127.0.0.1:" + ports.get(id - 1);
      return """
      process.roles=broker,controller
      node.id=%d
      controller.quorum.voters=%s
      listeners=%s,CONTROLLER://127.0.0.1:%d
      advertised.listeners=%s
      listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
      inter.broker.listener.name=BROKER
      controller.listener.names=CONTROLLER
      log.dirs=%s
      log.segment.bytes=1048576
      num.network.threads=1
      num.io.threads=2
      offsets.topic.num.partitions=1
      offsets.topic.replication.factor=3
      auto.create.topics.enable=false
      group.initial.rebalance.delay.ms=0
      broker.session.timeout.ms=3000
      broker.heartbeat.interval.ms=500
      controller.quorum.fetch.timeout.ms=2000
      controller.quorum.election.timeout.ms=1000
      replica.lag.time.max.ms=3000
      """
          .formatted(id, quorum, listener, controllerPort, listener, data());
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
                    tests() + File.pathSeparator + Files.readString(CLASS_PATH).strip(),
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

    /// Where the compiled tests are.
    private static Path tests() {
      try {
        return Path.of(
            KafkaBrokers.class.getProtectionDomain().getCodeSource().getLocation().toURI());
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

    void signal(String name) {
      try {
        int exit =
            new ProcessBuilder(
                    "kill", "-" + name, Long.toString(Objects.requireNonNull(process).pid()))
                .start()
                .waitFor();
        if (exit != 0) {
          throw new AssertionError("kill -" + name + " failed");
        }
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    String output() {
      try {
        return Files.readString(directory.resolve("output.log"));
      } catch (IOException e) {
        return e.toString();
      }
    }
  }
}
