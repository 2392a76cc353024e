package dev.fanfare.journal.kafka;

import dev.fanfare.TestNode;
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

/// Commands a second through three brokers on this machine, from the call to the answer after the
/// node's own apply, and how long one takes. Prints a line for each number of callers.
final class KafkaJournalBenchmark {
  private static final Duration LENGTH = Duration.ofSeconds(10);

  private KafkaJournalBenchmark() {}

  public static void main(String[] arguments)
      throws IOException, InterruptedException, ExecutionException {
    Path directory = Files.createTempDirectory("kafka-journal");
    try (RocksStore store = RocksStore.open(directory, 64 << 20);
        TestNode node = TestTopic.node(TestTopic.settings("bench-" + UUID.randomUUID()), store)) {
      measure(node, 16);
      for (int callers : new int[] {1, 16, 256}) {
        long[] nanos = measure(node, callers);
        System.out.printf(
            Locale.ROOT,
            "%d callers: %.0f commands/s, p50 %.1f ms, p99 %.1f ms%n",
            callers,
            nanos.length / (double) LENGTH.toSeconds(),
            nanos[nanos.length / 2] / 1e6,
            nanos[nanos.length * 99 / 100] / 1e6);
      }
    }
    System.exit(0);
  }

  /// How long each call took, sorted.
  private static long[] measure(TestNode node, int callers)
      throws InterruptedException, ExecutionException {
    long end = System.nanoTime() + LENGTH.toNanos();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<Long>>> calls = new ArrayList<>();
      for (int caller = 0; caller < callers; caller++) {
        int own = caller;
        calls.add(threads.submit(() -> call(node, own, end)));
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
}
