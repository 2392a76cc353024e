import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// Measures how long calls of `/v1` take for one caller that makes a hundred per second: in turn it
/// reads a member and adds or removes one of its tags, which is durable when it is answered.
///
/// ```
/// java bench/ApiLatency.java --data DIR [--seconds 10] [--while FILE]
/// ```
///
/// With `--while` it ends as soon as that file is gone. Prints p50 and p99 of both in milliseconds,
/// counted from when each call was due, so that one that has to wait for a slow one counts that too.
final class ApiLatency {
  private static final String USAGE = "ApiLatency.java --data DIR [--seconds N] [--while FILE]";
  private static final Duration EVERY = Duration.ofMillis(10);
  private static final int WARM_UP = 200;
  private static final String MEMBER = "members/api-latency";

  public static void main(String... arguments) throws Exception {
    Options options = new Options(USAGE, arguments);
    int calls = Math.toIntExact(options.positive("seconds", 10) * 1_000L / EVERY.toMillis());
    Latencies reads = new Latencies();
    Latencies updates = new Latencies();
    Node node = Node.read(Path.of(options.text("data")));
    try (Connection connection = node.connect()) {
      node.call(connection, "PUT", MEMBER, "{\"tags\":[]}");
      for (int i = 0; i < WARM_UP; i++) {
        call(node, connection, i);
      }
      long due = System.nanoTime();
      for (int i = 0; i < calls && isWanted(options); i++) {
        Thread.sleep(Duration.ofNanos(Math.max(0, due - System.nanoTime())));
        call(node, connection, i);
        (i % 2 == 0 ? reads : updates).add(System.nanoTime() - due);
        due += EVERY.toNanos();
      }
    }
    System.out.println(reads.line("read of a member"));
    System.out.println(updates.line("durable tag update"));
  }

  private static boolean isWanted(Options options) {
    return !options.has("while") || Files.exists(Path.of(options.text("while")));
  }

  private static void call(Node node, Connection connection, int number) throws IOException {
    switch (number % 4) {
      case 0, 2 -> node.call(connection, "GET", MEMBER, "");
      case 1 -> node.call(connection, "PATCH", MEMBER, "{\"tags\":{\"add\":[\"tagged\"]}}");
      default -> node.call(connection, "PATCH", MEMBER, "{\"tags\":{\"remove\":[\"tagged\"]}}");
    }
  }
}
