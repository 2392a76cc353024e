package dev.fanfare.journal.kafka;

import dev.fanfare.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/// Three Kafka brokers as child processes, each a controller too, with their data in a directory.
///
/// They fail over within seconds, so that tests need not wait. Owned by one thread. What a broker
/// printed is in `output.log` in its directory.
public final class KafkaBrokers implements AutoCloseable {
  /// How many there are.
  public static final int COUNT = 3;

  private static final Duration START_WITHIN = Duration.ofSeconds(90);
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  /// How many looks in a row have to find all well.
  private static final int WHOLE_TIMES = 20;

  private static @Nullable KafkaBrokers shared;

  private final List<Broker> brokers = new ArrayList<>();
  private final List<List<Broker.Endpoint>> endpoints;

  private KafkaBrokers(Path directory, List<BrokerListener> further) {
    List<BrokerListener> listeners = new ArrayList<>();
    listeners.add(new BrokerListener("BROKER", "PLAINTEXT", "", port -> port));
    listeners.addAll(further);
    List<ServerSocket> reserved = reserve((1 + listeners.size()) * COUNT);
    Iterator<Integer> free = reserved.stream().map(ServerSocket::getLocalPort).iterator();
    List<Integer> controllers = IntStream.range(0, COUNT).mapToObj(_ -> free.next()).toList();
    this.endpoints =
        IntStream.range(0, COUNT)
            .mapToObj(
                _ -> listeners.stream().map(listener -> endpoint(listener, free.next())).toList())
            .toList();
    String voters =
        IntStream.range(0, COUNT)
            .mapToObj(i -> (i + 1) + "@127.0.0.1:" + controllers.get(i))
            .collect(Collectors.joining(","));
    String cluster = Uuid.randomUuid().toString();
    for (int i = 0; i < COUNT; i++) {
      brokers.add(
          new Broker(
              directory.resolve("broker-" + (i + 1)),
              new Broker.Seat(i + 1, cluster, voters, controllers.get(i)),
              endpoints.get(i)));
    }
    reserved.forEach(KafkaBrokers::release);
  }

  private static Broker.Endpoint endpoint(BrokerListener listener, int port) {
    return new Broker.Endpoint(listener, port, listener.seen().applyAsInt(port));
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
  ///
  /// @param further listeners that each has beside the one for brokers and tests
  public static KafkaBrokers start(Path directory, BrokerListener... further) {
    KafkaBrokers cluster = new KafkaBrokers(directory, List.of(further));
    try {
      cluster.brokers.forEach(Broker::start);
      cluster.awaitMembers(COUNT);
      return cluster;
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  /// With which a broker runs: the compiled tests, and everything that they need.
  public static String classPath() throws IOException {
    return Broker.classPath();
  }

  /// Where they are, for `bootstrap.servers`.
  public String servers() {
    return at(0);
  }

  /// The same, for clients of a further listener.
  ///
  /// @param listener the first one is 0
  public String servers(int listener) {
    return at(listener + 1);
  }

  private String at(int listener) {
    return endpoints.stream()
        .map(broker -> "127.0.0.1:" + broker.get(listener).seen())
        .collect(Collectors.joining(","));
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
    brokers.get(number).send(Signal.STOP);
  }

  /// Has a broker go on that was suspended.
  public void resume(int number) {
    brokers.get(number).send(Signal.CONT);
  }

  /// Waits until so many brokers take part.
  public void awaitMembers(int count) {
    await(admin -> members(admin) == count);
  }

  /// Waits until all brokers take part, and have all entries of all topics, for some seconds: one
  /// that stood still says at first what it knew before.
  public void awaitWhole() {
    AtomicInteger times = new AtomicInteger();
    await(admin -> {
      boolean whole = members(admin) == COUNT && areInSync(admin);
      return times.updateAndGet(before -> whole ? before + 1 : 0) == WHOLE_TIMES;
    });
  }

  private interface Condition {
    boolean holds(Admin admin) throws InterruptedException;
  }

  private void await(Condition condition) {
    long deadline = System.nanoTime() + START_WITHIN.toNanos();
    try (Admin admin = admin()) {
      while (!condition.holds(admin)) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError(
              "the brokers do not come together:\n" + state(admin) + "\n" + outputs());
        }
        Thread.sleep(LOOK_EVERY);
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
            "default.api.timeout.ms", 30_000));
  }

  private static int members(Admin admin) throws InterruptedException {
    try {
      return admin.describeCluster().nodes().get().size();
    } catch (ExecutionException e) {
      return 0;
    }
  }

  /// Whether every replica of every topic has all entries.
  private static boolean areInSync(Admin admin) throws InterruptedException {
    try {
      return admin.describeTopics(topics(admin)).allTopicNames().get().values().stream()
          .flatMap(topic -> topic.partitions().stream())
          .allMatch(partition -> partition.isr().size() == partition.replicas().size());
    } catch (ExecutionException e) {
      return false;
    }
  }

  private static Set<String> topics(Admin admin) throws InterruptedException, ExecutionException {
    return admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
  }

  /// What a broker says of all of them.
  private static String state(Admin admin) throws InterruptedException {
    try {
      return admin.describeCluster().nodes().get()
          + "\n"
          + admin.describeTopics(topics(admin)).allTopicNames().get().values();
    } catch (ExecutionException e) {
      return e.toString();
    }
  }

  private String outputs() {
    return brokers.stream().map(Broker::output).collect(Collectors.joining("\n"));
  }

  /// Takes free ports until they are released, so that what listens meanwhile gets others.
  private static List<ServerSocket> reserve(int count) {
    List<ServerSocket> reserved = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        reserved.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return reserved;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void release(ServerSocket reserved) {
    try {
      reserved.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    brokers.forEach(Broker::kill);
  }
}
