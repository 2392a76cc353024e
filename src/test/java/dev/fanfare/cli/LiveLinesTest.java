package dev.fanfare.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class LiveLinesTest {
  LiveLinesTest() {}

  @Test
  @Timeout(30)
  void events_that_fall_silent_are_asked_for_again() throws IOException {
    List<String> asked = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch over = new CountDownLatch(1);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/events",
        exchange -> {
          asked.add(exchange.getRequestMethod());
          exchange.sendResponseHeaders(200, 0);
          if (asked.size() == 1) { // and then nothing, on a connection that stays
            exchange.getResponseBody().write(":\n\n".getBytes(UTF_8));
            exchange.getResponseBody().flush();
            awaitQuietly(over);
          } else {
            exchange.getResponseBody().write("event: end\ndata: {}\n\n".getBytes(UTF_8));
          }
          exchange.close();
        });
    try (ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor()) {
      server.setExecutor(handlers);
      server.start();
      URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
      try {
        new Client(uri, "key", null, Duration.ofMillis(500)).events("/events", _ -> true);
      } finally {
        over.countDown();
      }
    } finally {
      server.stop(0);
    }
    assertThat(asked).hasSizeGreaterThan(1);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void stream_that_says_something_now_and_then_stays_open_for_longer_than_the_patience() {
    Slow stream = new Slow(15);
    try (LiveLines lines = new LiveLines(stream, Duration.ofMillis(10 * Slow.MILLIS))) {
      int told = 0;
      for (; lines.hasNext(); told++) {
        assertThat(lines.next()).isEmpty();
        assertThat(stream.closed).isFalse();
      }
      assertThat(told).isEqualTo(15);
    }
    assertThat(stream.closed).isTrue();
  }

  /// Some empty lines, each a while after the one before.
  private static final class Slow extends InputStream {
    static final long MILLIS = 400;

    volatile boolean closed;
    private int left;

    Slow(int lines) {
      this.left = lines;
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException("a reader reads buffers");
    }

    @Override
    public int read(byte[] bytes, int from, int most) {
      if (left == 0) {
        return -1;
      }
      left--;
      try {
        Thread.sleep(MILLIS);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      bytes[from] = '\n';
      return 1;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
