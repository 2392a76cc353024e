import java.nio.file.Path;
import java.util.Locale;

/// Measures how long an exact count of a nested expression of four terms takes over HTTP: one
/// caller, one keep-alive connection, `/v1` audience:count. Milliseconds from the first byte sent
/// to the answer read. The count is checked against what `Prepare.java` registered.
///
/// ```
/// java bench/Count.java --data DIR --members 1000000 --tags 5
/// ```
///
/// N and T as given to `Prepare.java`. 1,000 calls are measured after 1,000 that are not, unless
/// told otherwise.
final class Count {
  private static final String USAGE =
      "Count.java --data DIR --members N --tags T [--calls C] [--warm-up C]";

  public static void main(String... arguments) throws Exception {
    Options options = new Options(USAGE, arguments);
    Node node = Node.read(Path.of(options.text("data")));
    int members = options.positive("members", 0);
    Population population = new Population(members, options.number("tags", 0));
    int warmUp = options.number("warm-up", 1_000);
    int calls = options.positive("calls", 1_000);
    long expected = population.matched();
    Latencies latencies = new Latencies();
    try (Connection connection = node.connect()) {
      for (int i = 0; i < warmUp + calls; i++) {
        long began = System.nanoTime();
        long matched = node.count(connection, Population.AUDIENCE);
        long took = System.nanoTime() - began;
        if (matched != expected) {
          throw new IllegalStateException("matched " + matched + " members, not " + expected);
        }
        if (i >= warmUp) {
          latencies.add(took);
        }
      }
    }
    System.out.printf(
        Locale.ROOT, "matched %,d of %,d members%n", expected, members);
    System.out.println(latencies.line("audience:count over HTTP"));
  }
}
