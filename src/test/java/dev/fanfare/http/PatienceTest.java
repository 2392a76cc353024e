package dev.fanfare.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class PatienceTest {
  private final AtomicLong nanos = new AtomicLong();

  @Test
  void who_stands_still_is_cut_off_and_who_is_slow_is_not() throws Exception {
    try (Patience patience = new Patience(Duration.ofSeconds(30), nanos::get);
        ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket caller = new Socket(listener.getInetAddress(), listener.getLocalPort());
        Socket accepted = listener.accept()) {
      InputStream read = patience.reading(accepted.getInputStream());
      CountDownLatch first = new CountDownLatch(1);
      CompletableFuture<String> end = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(() -> {
            try {
              read.read();
              first.countDown();
              read.read();
              end.complete("read on");
            } catch (IOException e) {
              end.complete("cut off");
            }
          });
      nanos.addAndGet(Duration.ofSeconds(29).toNanos());
      patience.look();
      caller.getOutputStream().write(1);
      assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
      nanos.addAndGet(Duration.ofSeconds(29).toNanos());
      patience.look();
      assertThat(end).isNotDone();
      nanos.addAndGet(Duration.ofSeconds(31).toNanos());
      // Its own thread looks every second.
      assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo("cut off");
    }
  }
}
