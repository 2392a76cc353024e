import dev.fanfare.audience.Deltas;
import dev.fanfare.audience.Index;
import dev.fanfare.audience.Term;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/// Measures the memory of an index in which many members have a tag that nobody else has: live heap
/// after full collections, less what the process had before. The names count, as the index is the
/// only one to hold them.
///
/// ```
/// java -XX:+UseCompactObjectHeaders -cp CLASSPATH DistinctTags 1000000
/// ```
final class DistinctTags {
  private static final int APP = 1;
  private static final int PER_COMMIT = 1_000;

  public static void main(String... arguments) {
    int members = Integer.parseInt(arguments[0]);
    Index index = new Index();
    long before = liveBytes();
    for (int first = 0; first < members; first += PER_COMMIT) {
      Deltas deltas = new Deltas();
      for (int member = first; member < Math.min(first + PER_COMMIT, members); member++) {
        deltas.set(Term.tag(APP, "device-%09d".formatted(member)), member);
        deltas.set(Term.everyone(APP), member);
      }
      index.play(deltas, first + 1);
      index.takeDirty(); // as a checkpoint does
    }
    long taken = liveBytes() - before;
    System.out.printf(
        Locale.ROOT,
        "%,d members with a tag of their own, names of 16 characters: %.0f MB, %.0f bytes each%n",
        index.terms() - 1,
        taken / 1e6,
        (double) taken / members);
  }

  private static long liveBytes() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
