package dev.fanfare.journal.kafka;

import dev.fanfare.TestNode;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.Tags;
import dev.fanfare.store.RocksStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/// The journal on three brokers of this machine: commands a second and how long one takes, from the
/// call to the answer after the node's own apply, with one, two and three nodes that call, beside a
/// plain producer of the same brokers that waits for each record; and how fast a node that has
/// nothing applies what the topic holds, which is also how long it takes to start. Everything runs
/// in this process but the brokers. Prints a line for each figure; `bench/kafka/run` runs it.
final class KafkaJournalBenchmark {
  private static final Duration LENGTH = Duration.ofSeconds(10);
  private static final int NODES = 3;
  private static final int[] CALLERS = {1, 16, 256};
  private static final int ENTRIES = 500_000;
  private static final int BATCHES = 1_000;
  private static final int PER_BATCH = 1_000;

  /// How many members are on their way at once: what takes longer than the deadline is not taken.
  private static final int UNANSWERED = 16_000;

  private static final int MOST_WRITERS = 256;

  /// About what a registration takes in the topic.
  private static final int RECORD_BYTES = 120;

  private KafkaJournalBenchmark() {}

  public static void main(String[] arguments)
      throws IOException, InterruptedException, ExecutionException {
    Path directory = Files.createTempDirectory("kafka-journal");
    producer(directory);
    nodes(directory);
    catchUp(directory, "entries of one member", ENTRIES, 1);
    catchUp(directory, "entries of " + PER_BATCH + " members", BATCHES, PER_BATCH);
    System.exit(0);
  }

  private static RocksStore store(Path directory) throws IOException {
    return RocksStore.open(Files.createTempDirectory(directory, "store"), 64 << 20);
  }

  /// Something to be called again and again, by several callers at once.
  private interface Call {
    void make(int caller, int number) throws InterruptedException, ExecutionException;
  }

  /// What nothing that waits for the brokers can do without: a record of the same length, on two of
  /// them.
  private static void producer(Path directory)
      throws IOException, InterruptedException, ExecutionException {
    String topic = "bench-" + UUID.randomUUID();
    KafkaSettings settings = TestTopic.settings(topic);
    TestTopic.node(settings, store(directory)).close(); // creates the topic
    byte[] value = new byte[RECORD_BYTES];
    try (Producer<byte[], byte[]> producer = settings.producer()) {
      tell(
          "a producer alone",
          1,
          (_, _) -> {
            var _ = producer.send(new ProducerRecord<>(topic, value)).get();
          });
    }
  }

  private static void nodes(Path directory)
      throws IOException, InterruptedException, ExecutionException {
    KafkaSettings settings = TestTopic.settings("bench-" + UUID.randomUUID());
    List<TestNode> nodes = new ArrayList<>();
    for (int count = 1; count <= NODES; count++) {
      nodes.add(TestTopic.node(settings, store(directory)));
      tell(
          count + " nodes",
          count,
          (caller, number) ->
              nodes.get(caller % nodes.size()).register(caller + "-" + number % 1_000, "vip"));
    }
    nodes.forEach(TestNode::close);
  }

  private static void tell(String what, int nodes, Call call)
      throws InterruptedException, ExecutionException {
    measure(nodes * 16, call);
    for (int callers : CALLERS) {
      long[] nanos = measure(nodes * callers, call);
      System.out.printf(
          Locale.ROOT,
          "%s, %d callers on each: %.0f a second in all, p50 %.1f ms, p99 %.1f ms%n",
          what,
          callers,
          nanos.length / (double) LENGTH.toSeconds(),
          nanos[nanos.length / 2] / 1e6,
          nanos[nanos.length * 99 / 100] / 1e6);
    }
  }

  /// How long each call took, sorted.
  private static long[] measure(int callers, Call call)
      throws InterruptedException, ExecutionException {
    long end = System.nanoTime() + LENGTH.toNanos();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<Long>>> calls = new ArrayList<>();
      for (int caller = 0; caller < callers; caller++) {
        int own = caller;
        calls.add(threads.submit(() -> call(call, own, end)));
      }
      List<Long> all = new ArrayList<>();
      for (Future<List<Long>> each : calls) {
        all.addAll(each.get());
      }
      long[] nanos = all.stream().mapToLong(Long::longValue).toArray();
      Arrays.sort(nanos);
      return nanos;
    }
  }

  private static List<Long> call(Call call, int caller, long end)
      throws InterruptedException, ExecutionException {
    List<Long> nanos = new ArrayList<>();
    for (int n = 0; System.nanoTime() < end; n++) {
      long begun = System.nanoTime();
      call.make(caller, n);
      nanos.add(System.nanoTime() - begun);
    }
    return nanos;
  }

  /// Fills a topic, and then starts a node that has applied nothing of it.
  private static void catchUp(Path directory, String what, int entries, int members)
      throws IOException, InterruptedException, ExecutionException {
    KafkaSettings settings = TestTopic.settings("bench-" + UUID.randomUUID());
    int step = Math.min(MOST_WRITERS, UNANSWERED / members);
    try (TestNode node = TestTopic.node(settings, store(directory));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Void>> writers = new ArrayList<>();
      for (int writer = 0; writer < step; writer++) {
        int first = writer;
        writers.add(
            threads.submit(() -> {
              for (int entry = first; entry < entries; entry += step) {
                node.propose(registration(entry * members, members));
              }
              return null;
            }));
      }
      for (Future<Void> writer : writers) {
        writer.get();
      }
    }
    long begun = System.nanoTime();
    try (TestNode node = TestTopic.node(settings, store(directory))) {
      double seconds = (System.nanoTime() - begun) / 1e9;
      long applied = node.replica().position().offset();
      System.out.printf(
          Locale.ROOT,
          "catching up, %s: ready after %.1f s with %d entries, %.0f entries/s, %.0f members/s%n",
          what,
          seconds,
          applied,
          applied / seconds,
          (double) entries * members / seconds);
    }
  }

  /// New members with five tags each, of a hundred.
  private static Command registration(int first, int count) {
    MemberChange.Builder[] changes = new MemberChange.Builder[count];
    for (int i = 0; i < count; i++) {
      Tags.Builder tags = Tags.newBuilder();
      for (int tag = 0; tag < 5; tag++) {
        tags.addNames("tag" + (first + i + 17 * tag) % 100);
      }
      changes[i] =
          MemberChange.newBuilder()
              .setId("m" + (first + i))
              .setRegister(MemberEdit.newBuilder().setTags(tags));
    }
    return TestNode.change(changes);
  }
}
