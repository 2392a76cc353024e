import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Renames random members of a [Population] at a steady rate until a file appears, and writes down
/// every answer: the member, its new name, the version and when. Prints the rate that got through
/// and how long a call took.
final class Update {
  private static final String USAGE =
      "Update --data DIR --members N --rate PER-SECOND --log FILE --until FILE";
  private static final int CALLERS = 16;
  private static final Pattern VERSION =
      Pattern.compile("\"modifiedAt\":\"([^\"]+)\",\"version\":\"([0-9]+)\"");

  private final Node node;
  private final int members;
  private final long intervalNanos;
  private final Path until;
  private final BufferedWriter log;
  private final Latencies latencies = new Latencies();

  private Update(Options options, BufferedWriter log) throws IOException {
    this.node = Node.read(Path.of(options.text("data")));
    this.members = options.positive("members", 1);
    this.intervalNanos = CALLERS * 1_000_000_000L / options.positive("rate", 1_000);
    this.until = Path.of(options.text("until"));
    this.log = log;
  }

  public static void main(String... arguments) throws Exception {
    Options options = new Options(USAGE, arguments);
    try (BufferedWriter log = Files.newBufferedWriter(Path.of(options.text("log")));
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      Update update = new Update(options, log);
      long began = System.nanoTime();
      List<Future<?>> running = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        int own = caller;
        running.add(callers.submit(() -> update.call(own)));
      }
      for (Future<?> caller : running) {
        caller.get();
      }
      double seconds = (System.nanoTime() - began) / 1e9;
      synchronized (update.latencies) {
        System.out.printf(
            Locale.ROOT, "updates per second %.0f%n", update.latencies.count() / seconds);
        System.out.println(update.latencies.line("an update"));
      }
    }
  }

  /// Each caller keeps to members of its own, so that the order of a member's names is known.
  private Void call(int caller) throws Exception {
    SplittableRandom random = new SplittableRandom(caller);
    try (Connection connection = node.connect()) {
      long due = System.nanoTime();
      for (int n = 0; !Files.exists(until); n++) {
        LockSupport.parkNanos(due - System.nanoTime());
        due += intervalNanos;
        int member = 1 + random.nextInt((members - 1 - caller) / CALLERS + 1) * CALLERS + caller;
        rename(connection, member, "n" + caller + "-" + n);
      }
    }
    return null;
  }

  private void rename(Connection connection, int member, String name) throws IOException {
    long began = System.nanoTime();
    String answer =
        node.call(connection, "PATCH", "members/m" + member, "{\"nickName\":\"" + name + "\"}");
    long took = System.nanoTime() - began;
    Matcher version = VERSION.matcher(answer);
    if (!version.find()) {
      throw new IllegalStateException("no version: " + answer);
    }
    synchronized (latencies) {
      latencies.add(took);
      log.write(member + "\t" + name + "\t" + version.group(2) + "\t" + version.group(1) + "\n");
    }
  }
}
