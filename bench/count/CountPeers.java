import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// Measures exact counts of four words, `(a or b) and c and not d`, in different places that hold
/// the same members: milliseconds per call, one caller, one call after the other. Every answer is
/// compared with the right one. The script `run` beside this file builds and starts everything.
///
/// Contenders: `ours` (Fanfare's index in this process), `ours-http` (a server, `/v1`), `bitmaps`
/// (plain RoaringBitmap calls), `lucene`, `duckdb`, `postgresql`, `redis`. After `ours-http` the
/// same server is asked again while tags are updated.
final class CountPeers {
  private static final String USAGE =
      "CountPeers --contenders A,B --members N --folder DIR --updates PER-SECOND --seconds S"
          + " [--data DIR] [--postgresql URL] [--redis PORT]";
  private static final int MOST_CALLS = 20_000;
  private static final int FEWEST_CALLS = 20;

  private final Options options;
  private final Dataset data;
  private final Duration each;
  private final Map<Question, Long> expected = new LinkedHashMap<>();
  private final Map<String, Map<Question, Latencies>> results = new LinkedHashMap<>();

  private CountPeers(Options options) {
    this.options = options;
    this.data = new Dataset(options.positive("members", 1_000_000));
    this.each = Duration.ofSeconds(options.positive("seconds", 2));
    Question.ALL.forEach(question -> expected.put(question, data.matched(question)));
  }

  public static void main(String... arguments) throws Exception {
    CountPeers peers = new CountPeers(new Options(USAGE, arguments));
    for (String name : peers.options.text("contenders").split(",")) {
      peers.measure(name);
    }
    peers.print();
  }

  private Contender contender(String name) throws Exception {
    Path folder = Path.of(options.text("folder"));
    return switch (name) {
      case "ours" -> new OursInProcess();
      case "ours-http" -> new OursOverHttp(Path.of(options.text("data")));
      case "bitmaps" -> new PlainBitmaps();
      case "lucene" -> new Lucene(folder.resolve("lucene"));
      case "duckdb" -> new Sql(Sql.Product.DUCKDB, "jdbc:duckdb:", folder.resolve("duckdb.csv"));
      case "postgresql" ->
          new Sql(
              Sql.Product.POSTGRESQL, options.text("postgresql"), folder.resolve("postgresql.csv"));
      case "redis" -> new RedisSets(options.positive("redis", 6379));
      default -> throw new IllegalArgumentException("unknown contender " + name);
    };
  }

  private void measure(String name) throws Exception {
    try (Contender contender = contender(name)) {
      long began = System.nanoTime();
      contender.load(data);
      System.err.printf(Locale.ROOT, "%s: loaded in %.1f s%n", name, since(began));
      ask(name, contender);
      if (contender instanceof OursOverHttp server) {
        measureWithUpdates(name, server);
      }
    }
  }

  private void measureWithUpdates(String name, OursOverHttp server) throws Exception {
    int perSecond = options.positive("updates", 10_000);
    try (Updates updates = new Updates(server, data, perSecond)) {
      ask(name + "+updates", server);
      System.err.printf(Locale.ROOT, "%s: %.0f tag updates per second%n", name, updates.rate());
    }
  }

  private void ask(String name, Contender contender) throws Exception {
    Map<Question, Latencies> own = new LinkedHashMap<>();
    results.put(name, own);
    for (Question question : Question.ALL) {
      ask(contender, question);
      own.put(question, ask(contender, question));
    }
  }

  /// Calls for a while, at least some, not too many.
  private Latencies ask(Contender contender, Question question) throws Exception {
    Latencies latencies = new Latencies();
    long began = System.nanoTime();
    for (int calls = 0; calls < MOST_CALLS; calls++) {
      long before = System.nanoTime();
      if (calls >= FEWEST_CALLS && before - began > each.toNanos()) {
        break;
      }
      long matched = contender.count(question);
      latencies.add(System.nanoTime() - before);
      if (matched != expected.get(question)) {
        throw new IllegalStateException(
            contender.getClass().getSimpleName() + " counts " + matched + " members with "
                + question + ", not " + expected.get(question));
      }
    }
    return latencies;
  }

  private static double since(long began) {
    return (System.nanoTime() - began) / 1e9;
  }

  private void print() {
    for (Question question : Question.ALL) {
      System.out.printf(
          Locale.ROOT,
          "%n%s: %s matches %,d of %,d%n",
          question.name(),
          question,
          expected.get(question),
          data.members());
      System.out.println("                       median ms       p99 ms     ours is");
      Map<Question, Latencies> ours = results.get("ours");
      results.forEach((name, all) -> line(name, all.get(question), ours, question));
    }
  }

  private static void line(
      String name, Latencies latencies, Map<Question, Latencies> ours, Question question) {
    double median = latencies.millis(50);
    String ratio =
        ours == null
            ? "-"
            : String.format(Locale.ROOT, "%.1f x", median / ours.get(question).millis(50));
    System.out.printf(
        Locale.ROOT, "%-20s %11.4f  %11.4f  %10s%n", name, median, latencies.millis(99), ratio);
  }
}
