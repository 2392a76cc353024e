package dev.fanfare.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.history.Asked;
import dev.fanfare.history.Call;
import dev.fanfare.history.Profile;
import dev.fanfare.history.SerialOrders;
import dev.fanfare.journal.kafka.BrokerListener;
import dev.fanfare.journal.kafka.KafkaBrokers;
import dev.fanfare.journal.kafka.Link;
import dev.fanfare.volcengine.SignedClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Callers on three nodes change and read the same members, each in one of three dialects, while
/// Kafka goes away for a moment. For each member there has to be a serial order of all calls, in
/// which one that had ended comes before one that began later, that explains every answer.
///
/// Every value is written once, so that a read says which writes it saw. `-Dseed=N` replays the
/// calls, though not their timing; one minute instead of 12 seconds with `-Dlong=true`.
@Timeout(600)
final class ClusterHistoryIT {
  private static final Duration LENGTH =
      Boolean.getBoolean("long") ? Duration.ofMinutes(1) : Duration.ofSeconds(12);
  private static final Duration AWAY = Duration.ofSeconds(3);
  private static final int MEMBERS = 6;
  private static final int LEAST_CALLS = 10 * MEMBERS;

  /// So long after its call what was not answered takes effect no more; what is above 5 s is for
  /// the way from a caller to the node.
  private static final Duration BOUND = Duration.ofSeconds(6);

  @TempDir private static Path directory;

  private static Link link;
  private static KafkaBrokers brokers;
  private static ClusterNodes nodes;

  private final long seed = Long.getLong("seed", new Random().nextLong());
  private final String run = Integer.toString(new SplittableRandom().nextInt(1_000, 9_999));
  private final AtomicLong values = new AtomicLong();
  private final AtomicLong noted = new AtomicLong();
  private final Map<String, List<Call>> calls = new ConcurrentHashMap<>();

  @BeforeAll
  static void start() throws Exception {
    link = new Link();
    brokers =
        KafkaBrokers.start(
            directory.resolve("brokers"), new BrokerListener("LINK", "PLAINTEXT", "", link::to));
    List<String> addresses = List.of(brokers.servers(), brokers.servers(), brokers.servers(0));
    nodes = new ClusterNodes(directory, brokers, "history-" + UUID.randomUUID(), addresses);
    String attributes = "{\"0\":\"%s\"}".formatted(Dialect.ATTRIBUTE);
    var _ = nodes.api(0).insist("PUT", "/attributes", attributes);
  }

  @AfterAll
  static void stop() {
    nodes.close();
    brokers.close();
    link.close();
  }

  @Test
  void a_serial_order_explains_every_answer_of_every_node_in_every_dialect() throws Exception {
    long end = System.nanoTime() + LENGTH.toNanos();
    SplittableRandom random = new SplittableRandom(seed);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Void>> callers = new ArrayList<>();
      for (int node = 0; node < ClusterNodes.COUNT; node++) {
        for (Dialect dialect : dialects(node)) {
          SplittableRandom own = random.split();
          Callable<Void> caller = () -> call(dialect, own, end);
          callers.add(threads.submit(caller));
        }
      }
      Thread.sleep(LENGTH.dividedBy(3));
      brokers.suspend(0);
      brokers.suspend(1);
      Thread.sleep(AWAY);
      brokers.resume(0);
      brokers.resume(1);
      for (Future<Void> caller : callers) {
        caller.get();
      }
    }
    check();
  }

  @Test
  void a_read_on_a_node_that_does_not_ask_the_others_is_found_to_be_stale() throws Exception {
    String member = run + "99";
    NativeDialect here = new NativeDialect(nodes.api(0));
    NativeDialect cutOff = new NativeDialect(nodes.api(2));
    writeSurely(here, member, new Asked.Put("seen by all"));
    while (cutOff.read(member).isEmpty()) {
      Thread.sleep(50);
    }
    link.set(Link.State.SILENT);
    try {
      writeSurely(here, member, new Asked.AddTag("seen by some"));
      long began = System.nanoTime();
      Asked stale = cutOff.readLocally(member);
      note(member, new Call(stale, Call.Result.DONE, began, System.nanoTime()));
    } finally {
      link.set(Link.State.OPEN);
    }
    assertThat(new SerialOrders(calls(member), Optional.empty()).trouble())
        .contains("after 2 of 3 calls");
  }

  private static List<Dialect> dialects(int node) {
    JsonNode app = nodes.server(node).credentials().path("apps").path(0);
    Api api = nodes.api(node);
    return List.of(
        new NativeDialect(api),
        new VolcengineDialect(new SignedClient(api::port, app)),
        new TencentDialect(api, app));
  }

  private Void call(Dialect dialect, SplittableRandom random, long end) throws Exception {
    while (System.nanoTime() < end || noted.get() <= LEAST_CALLS) {
      String member = run + random.nextInt(MEMBERS);
      if (random.nextBoolean()) {
        long began = System.nanoTime();
        Optional<Asked.Read> read = dialect.read(member);
        long ended = System.nanoTime();
        read.ifPresent(seen -> note(member, new Call(seen, Call.Result.DONE, began, ended)));
      } else {
        long number = values.incrementAndGet();
        String older = "v" + Math.max(1, number - random.nextInt(1, 40));
        List<Asked> changes = dialect.changes("v" + number, older);
        write(dialect, member, changes.get(random.nextInt(changes.size())));
      }
    }
    return null;
  }

  private void write(Dialect dialect, String member, Asked asked) throws InterruptedException {
    long began = System.nanoTime();
    Reply.Answer answer = dialect.change(member, asked);
    long ended = System.nanoTime();
    switch (answer) {
      case DONE -> note(member, new Call(asked, Call.Result.DONE, began, ended));
      case NOT_FOUND -> note(member, new Call(asked, Call.Result.REFUSED, began, ended));
      case UNKNOWN -> note(member, Call.unknown(asked, began, BOUND));
      case NOTHING_DONE -> {}
    }
  }

  /// Writes what may be written twice until it is known as done.
  private void writeSurely(Dialect dialect, String member, Asked asked)
      throws InterruptedException {
    long began = System.nanoTime();
    while (dialect.change(member, asked) != Reply.Answer.DONE) {
      Thread.sleep(50);
    }
    note(member, new Call(asked, Call.Result.DONE, began, System.nanoTime()));
  }

  private void note(String member, Call call) {
    noted.incrementAndGet();
    calls.computeIfAbsent(member, _ -> Collections.synchronizedList(new ArrayList<>())).add(call);
  }

  private List<Call> calls(String member) {
    return List.copyOf(calls.getOrDefault(member, List.of()));
  }

  /// That the calls to each member can be explained, and that they cannot with a stale read.
  private void check() {
    int unknown = 0;
    for (String member : IntStream.range(0, MEMBERS).mapToObj(i -> run + i).toList()) {
      List<Call> own = calls(member);
      SerialOrders orders = new SerialOrders(own, Optional.empty());
      assertThat(orders.ends())
          .as("seed %d member %s: %s", seed, member, orders.trouble())
          .isNotEmpty();
      unknown +=
          Collections.frequency(own.stream().map(Call::result).toList(), Call.Result.UNKNOWN);
      assertThat(new SerialOrders(withStaleRead(own, orders.ends()), Optional.empty()).ends())
          .as("seed %d member %s with a stale read", seed, member)
          .isEmpty();
    }
    int all = calls.values().stream().mapToInt(List::size).sum();
    System.out.printf("ClusterHistoryIT seed %d: %d calls, %d unknown%n", seed, all, unknown);
    assertThat(all).isGreaterThan(LEAST_CALLS);
  }

  /// The same, and at the end once more a read of what is no longer there.
  private static List<Call> withStaleRead(List<Call> history, Set<Optional<Profile>> ends) {
    Asked stale =
        history.stream()
            .map(Call::asked)
            .filter(Asked.Read.class::isInstance)
            .filter(read -> ends.stream().noneMatch(end -> read.mayAnswer(true, end)))
            .findFirst()
            .orElseThrow();
    List<Call> altered = new ArrayList<>(history);
    long last = history.stream().mapToLong(Call::ended).max().orElseThrow();
    altered.add(new Call(stale, Call.Result.DONE, last + 1, last + 2));
    return altered;
  }
}
