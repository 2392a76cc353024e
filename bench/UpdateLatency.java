import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/// Measures how long one durable change takes, beside what the disk alone takes: one caller adds or
/// removes a tag of one member through `/v1`, then appends 4 KB to a file in the data directory and
/// forces it (`fdatasync`), and so on in turn. Milliseconds.
///
/// ```
/// ./fanfare serve --dev --data DIR        (in another terminal; DIR on a real disk, not tmpfs)
/// java bench/UpdateLatency.java --data DIR [--updates 5000] [--warm-up 1000]
/// ```
///
/// Prints p50 and p99 of both and the ratio of the two p99. In turn, because a disk's moods would
/// otherwise decide the ratio.
final class UpdateLatency {
  private static final String USAGE = "UpdateLatency.java --data DIR [--updates N] [--warm-up N]";
  private static final int APPEND_BYTES = 4_096;
  private static final String MEMBER = "members/update-latency";

  public static void main(String... arguments) throws Exception {
    Options options = new Options(USAGE, arguments);
    Path data = Path.of(options.text("data"));
    int warmUp = options.number("warm-up", 1_000);
    int updates = options.positive("updates", 5_000);
    Path file = Files.createTempFile(data, "update-latency", ".appended");
    try {
      measure(Node.read(data), file, warmUp, updates);
    } finally {
      Files.delete(file);
    }
  }

  private static void measure(Node node, Path file, int warmUp, int updates) throws IOException {
    Latencies changes = new Latencies();
    Latencies appends = new Latencies();
    try (Connection connection = node.connect();
        FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
      node.call(connection, "PUT", MEMBER, "{\"tags\":[]}");
      for (int i = 0; i < warmUp + updates; i++) {
        long change = change(node, connection, i % 2 == 0 ? "add" : "remove");
        long append = append(channel);
        if (i >= warmUp) {
          changes.add(change);
          appends.add(append);
        }
      }
    }
    System.out.println(changes.line("tag update"));
    System.out.println(appends.line("4 KB append and fdatasync"));
    double ratio = changes.millis(99) / appends.millis(99);
    System.out.printf(Locale.ROOT, "ratio of p99                 %.2f%n", ratio);
  }

  private static long change(Node node, Connection connection, String what) throws IOException {
    long began = System.nanoTime();
    node.call(connection, "PATCH", MEMBER, "{\"tags\":{\"" + what + "\":[\"tagged\"]}}");
    return System.nanoTime() - began;
  }

  private static long append(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(APPEND_BYTES);
    long began = System.nanoTime();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    channel.force(false);
    return System.nanoTime() - began;
  }
}
