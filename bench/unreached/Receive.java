import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// A webhook's receiver that takes 20 ms for each request. Writes its URL to a file, and ends when
/// it was told of every member `m1` to `mN`. Prints how long that took from the first request on,
/// and fails when a member was told twice.
final class Receive {
  private static final String USAGE = "Receive --members N --url FILE";
  private static final Duration WORK = Duration.ofMillis(20);

  private final BitSet told = new BitSet();
  private final CountDownLatch all = new CountDownLatch(1);
  private final AtomicInteger atOnce = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private final int members;
  private int requests;
  private int twice;
  private long began;

  private Receive(int members) {
    this.members = members;
  }

  public static void main(String... arguments) throws Exception {
    Options options = new Options(USAGE, arguments);
    new Receive(options.positive("members", 0)).run(Path.of(options.text("url")));
  }

  private void run(Path url) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      server.setExecutor(threads);
      server.createContext("/", this::receive);
      server.start();
      Files.writeString(url, "http://127.0.0.1:" + server.getAddress().getPort() + "/");
      all.await();
      double seconds = (System.nanoTime() - began) / 1e9;
      server.stop(1);
      System.out.printf(
          Locale.ROOT,
          "%-40s %10.1f s%n%-40s %10d, %d at once%n%-40s %10.0f%n",
          "from the first request to the last",
          seconds,
          "requests",
          requests,
          most.get(),
          "members per second",
          members / seconds);
      if (twice > 0) {
        throw new IllegalStateException(twice + " members were told twice");
      }
    }
  }

  private void receive(HttpExchange exchange) throws IOException {
    most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      Thread.sleep(WORK);
      exchange.sendResponseHeaders(200, -1);
      note(body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      atOnce.decrementAndGet();
    }
  }

  /// Notes every `"mNUMBER"` in a body.
  private synchronized void note(byte[] body) {
    if (requests++ == 0) {
      began = System.nanoTime();
    }
    for (int i = 1; i < body.length - 1; i++) {
      if (body[i] == 'm' && body[i - 1] == '"' && Character.isDigit(body[i + 1])) {
        int number = 0;
        for (i++; Character.isDigit(body[i]); i++) {
          number = 10 * number + body[i] - '0';
        }
        twice += told.get(number) ? 1 : 0;
        told.set(number);
      }
    }
    if (told.cardinality() == members) {
      all.countDown();
    }
  }
}
