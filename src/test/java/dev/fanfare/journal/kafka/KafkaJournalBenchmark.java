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

/// The journal on three brokers of this machine: commands a second and how long one takes, from the
/// call to the answer after the node's own apply, with one, two and three nodes that call; and how
/// fast a node that has nothing applies what the topic holds, which is also how long it takes to
/// start. Everything runs in this process but the brokers. Prints a line for each figure.
final class KafkaJournalBenchmark {
  private static final Duration LENGTH = Duration.ofSeconds(10);
  private static final int NODES = 3;
  private static final int ENTRIES = 50_000;
  private static final int BATCHES = 1_000;
  private static final int PER_BATCH = 1_000;
  private static final int WRITERS = 256;

  private KafkaJournalBenchmark() {}

  public static void main(String[] arguments)
      throws IOException, InterruptedException, ExecutionException {
    Path directory = Files.createTempDirectory("kafka-journal");
    callers(directory);
    catchUp(directory, "entries of one member", ENTRIES, 1);
    catchUp(directory, "entries of " + PER_BATCH + " members", BATCHES, PER_BATCH);
    System.exit(0);
  }

  private static RocksStore store(Path directory) throws IOException {
    return RocksStore.open(Files.createTempDirectory(directory, "store"), 64 << 20);
  }

  private static void callers(Path directory)
      throws IOException, InterruptedException, ExecutionException {
    KafkaSettings settings = TestTopic.settings("bench-" + UUID.randomUUID());
    List<TestNode> nodes = new ArrayList<>();
    for (int count = 1; count <= NODES; count++) {
      nodes.add(TestTopic.node(settings, store(directory)));
      measure(nodes, 16);
      for (int callers : new int[] {1, 16, 256}) {
        long[] nanos = measure(nodes, callers);
        System.out.printf(
            Locale.ROOT,
            "%d nodes, %d callers on each: %.0f commands/s in all, p50 %.1f ms, p99 %.1f ms%n",
            count,
            callers,
            nanos.length / (double) LENGTH.toSeconds(),
            nanos[nanos.length / 2] / 1e6,
            nanos[nanos.length * 99 / 100] / 1e6);
      }
    }
    nodes.forEach(TestNode::close);
  }

  /// How long each call took, sorted.
  private static long[] measure(List<TestNode> nodes, int callers)
      throws InterruptedException, ExecutionException {
    long end = System.nanoTime() + LENGTH.toNanos();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<Long>>> calls = new ArrayList<>();
      for (int caller = 0; caller < callers * nodes.size(); caller++) {
        int own = caller;
        calls.add(threads.submit(() -> call(nodes.get(own % nodes.size()), own, end)));
      }
      List<Long> all = new ArrayList<>();
      for (Future<List<Long>> call : calls) {
        all.addAll(call.get());
      }
      long[] nanos = all.stream().mapToLong(Long::longValue).toArray();
      Arrays.sort(nanos);
      return nanos;
    }
  }

  private static List<Long> call(TestNode node, int own, long end) {
    List<Long> nanos = new ArrayList<>();
    for (int n = 0; System.nanoTime() < end; n++) {
      long begun = System.nanoTime();
      node.register(own + "-" + n % 1_000, "vip");
      nanos.add(System.nanoTime() - begun);
    }
    return nanos;
  }

  /// Fills a topic, and then starts a node that has applied nothing of it.
  private static void catchUp(Path directory, String what, int entries, int members)
      throws IOException, InterruptedException, ExecutionException {
    KafkaSettings settings = TestTopic.settings("bench-" + UUID.randomUUID());
    try (TestNode node = TestTopic.node(settings, store(directory));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Void>> writers = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        int first = writer;
        writers.add(
            threads.submit(() -> {
              for (int entry = first; entry < entries; entry += WRITERS) {
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
