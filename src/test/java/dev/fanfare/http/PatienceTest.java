package dev.fanfare.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class PatienceTest {
  private final AtomicLong nanos = new AtomicLong();

  /// A stream that says of each read that it began; the time of the read has begun before.
  private static final class Begun extends FilterInputStream {
    private final Semaphore reads = new Semaphore(0);

    Begun(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      reads.release();
      return super.read();
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      reads.release();
      return super.read(bytes, from, length);
    }

    void await() throws InterruptedException {
      assertThat(reads.tryAcquire(10, TimeUnit.SECONDS)).as("a read began").isTrue();
    }
  }

  @Test
  void who_stands_still_is_cut_off_and_who_is_slow_is_not() throws Exception {
    try (Patience patience = new Patience(Duration.ofSeconds(30), nanos::get);
        ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket caller = new Socket(listener.getInetAddress(), listener.getLocalPort());
        Socket accepted = listener.accept()) {
      Begun begun = new Begun(accepted.getInputStream());
      InputStream read = patience.reading(begun);
      CompletableFuture<String> end = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(() -> {
            try {
              read.read();
              read.read();
              end.complete("read on");
            } catch (IOException e) {
              end.complete("cut off");
            }
          });
      begun.await();
      nanos.addAndGet(Duration.ofSeconds(29).toNanos());
      patience.look();
      caller.getOutputStream().write(1);
      begun.await();
      nanos.addAndGet(Duration.ofSeconds(29).toNanos());
      patience.look();
      assertThat(end).isNotDone();
      nanos.addAndGet(Duration.ofSeconds(31).toNanos());
      // Its own thread looks every second.
      assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo("cut off");
    }
  }
}
