import java.util.Arrays;
import java.util.Locale;

/// Durations of one kind, all of them kept. Owned by one thread until it is merged into another.
final class Latencies {
  private long[] nanos = new long[1 << 12];
  private int count;

  void add(long duration) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count++] = duration;
  }

  void addAll(Latencies others) {
    for (int i = 0; i < others.count; i++) {
      add(others.nanos[i]);
    }
  }

  int count() {
    return count;
  }

  /// The smallest duration that at least that share of all do not exceed, in milliseconds.
  double millis(int percent) {
    if (count == 0) {
      throw new IllegalStateException("nothing was measured");
    }
    Arrays.sort(nanos, 0, count);
    return nanos[(int) (((long) count * percent + 99) / 100) - 1] / 1e6;
  }

  /// One line: name, p50 and p99.
  String line(String name) {
    return String.format(
        Locale.ROOT, "%-28s p50 %9.3f ms   p99 %9.3f ms", name, millis(50), millis(99));
  }
}
