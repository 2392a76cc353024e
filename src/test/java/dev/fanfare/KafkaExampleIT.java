package dev.fanfare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.journal.kafka.KafkaBrokers;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The example in `ops/kafka` works as it is, on other ports: its script starts and stops the
/// brokers, and nodes with its configuration are one service. Kafka's own scripts are stood in for
/// by two that do what those do with the class path of the tests.
@Timeout(180)
final class KafkaExampleIT {
  private static final Path EXAMPLE = Path.of("ops", "kafka");
  private static final String SERVERS = "kafka-bootstrap-servers: ";
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir private Path directory;

  @BeforeEach
  void copy() throws IOException {
    List<String> prefixes = freePrefixes();
    for (String name : List.of("brokers", "broker.properties", "node.yaml")) {
      String text =
          Files.readString(EXAMPLE.resolve(name))
              .replace("1929", prefixes.get(0))
              .replace("1939", prefixes.get(1))
              .replace("./secret.key", directory.resolve("secret.key").toString());
      Files.writeString(directory.resolve(name), text);
    }
    byte[] key = new byte[32];
    new Random().nextBytes(key);
    Files.writeString(directory.resolve("secret.key"), Base64.getEncoder().encodeToString(key));
    kafka("kafka-run-class.sh", "");
    kafka("kafka-storage.sh", "kafka.tools.StorageTool");
  }

  /// A script of Kafka's that runs a class.
  private void kafka(String name, String mainClass) throws IOException {
    Path script = directory.resolve("kafka/bin/" + name);
    Files.createDirectories(script.getParent());
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Files.writeString(
        script,
        "#!/bin/sh\nexec %s $KAFKA_HEAP_OPTS -XX:TieredStopAtLevel=1 -cp '%s' %s \"$@\"\n"
            .formatted(java, KafkaBrokers.classPath(), mainClass));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /// Two beginnings of port numbers, with each of which 1, 2 and 3 make a free port.
  private static List<String> freePrefixes() {
    return new Random()
        .ints(2_000, 3_200)
        .distinct()
        .filter(prefix ->
            IntStream.rangeClosed(1, KafkaBrokers.COUNT)
                .allMatch(number -> isFree(prefix * 10 + number)))
        .limit(2)
        .mapToObj(Integer::toString)
        .toList();
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void brokers_and_nodes_start_and_a_broker_may_be_lost() throws Exception {
    List<ProcessHandle> started = new ArrayList<>();
    try {
      brokers("start");
      started.addAll(brokerProcesses());
      assertThat(started).hasSize(KafkaBrokers.COUNT);
      awaitBrokers();
      String config = directory.resolve("node.yaml").toString();
      Path data = directory.resolve("node-1");
      try (PackagedServer first = PackagedServer.start(data, "--config", config);
          PackagedServer second =
              PackagedServer.start(directory.resolve("node-2"), "--config", config)) {
        assertThat(second.credentials()).isEqualTo(first.credentials());
        set(first, "10001");
        awaitOutput("vip", second, "member", "get", "10001");
        assertThat(started.getFirst().destroy()).isTrue();
        set(first, "10002");
        awaitOutput("2 members", second, "count", "tag:vip");
      }
      brokers("stop");
      assertThat(brokerProcesses()).as("no file names a broker").isEmpty();
    } finally {
      for (ProcessHandle broker : started) {
        broker.destroyForcibly();
        // One that nobody reaps never counts as ended.
        var _ = broker.onExit().completeOnTimeout(broker, 10, TimeUnit.SECONDS).join();
      }
    }
  }

  private void brokers(String command) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", directory.resolve("brokers").toString(), command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("script.log").toFile());
    builder.environment().put("KAFKA_HOME", directory.resolve("kafka").toString());
    builder.environment().put("KAFKA_HEAP_OPTS", "-Xmx256m");
    int exit = builder.start().waitFor();
    assertThat(exit).as(Files.readString(directory.resolve("script.log"))).isZero();
  }

  /// Waits until the brokers are one cluster, for longer than a node would.
  private void awaitBrokers() throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    String servers =
        Files.readAllLines(directory.resolve("node.yaml")).stream()
            .filter(line -> line.startsWith(SERVERS))
            .map(line -> line.substring(SERVERS.length()))
            .findFirst()
            .orElseThrow();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
      while (admin.describeCluster().nodes().get().size() < KafkaBrokers.COUNT) {
        assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
        Thread.sleep(100);
      }
    }
  }

  private List<ProcessHandle> brokerProcesses() throws IOException {
    List<ProcessHandle> processes = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory.resolve("kafka-data"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".pid")).sorted().toList()) {
        ProcessHandle.of(Long.parseLong(Files.readString(file).strip())).ifPresent(processes::add);
      }
    }
    return processes;
  }

  /// Until a node takes it, which is soon when another broker has to lead first.
  private void set(PackagedServer server, String member) throws InterruptedException {
    long deadline = System.nanoTime() + SOON.toNanos();
    while (exit(server, new StringWriter(), "member", "set", member, "--tag", "vip") != 0) {
      assertThat(System.nanoTime()).as(server.output()).isLessThan(deadline);
      Thread.sleep(100);
    }
  }

  /// Until a node shows it, which is soon when it has to find another broker first.
  private static void awaitOutput(String text, PackagedServer server, String... command)
      throws InterruptedException {
    long deadline = System.nanoTime() + SOON.toNanos();
    StringWriter out = new StringWriter();
    while (exit(server, out, command) != 0 || !out.toString().contains(text)) {
      assertThat(System.nanoTime()).as(out.toString()).isLessThan(deadline);
      Thread.sleep(100);
    }
  }

  /// Runs a command of `fanfare` against a node.
  private static int exit(PackagedServer server, StringWriter out, String... command) {
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.addAll(List.of("--server", "http://127.0.0.1:" + server.apiPort()));
    arguments.addAll(List.of("--key", server.credentials().path("adminKey").asText()));
    PrintWriter print = new PrintWriter(out, true);
    return Main.run(print, print, arguments.toArray(String[]::new));
  }
}
