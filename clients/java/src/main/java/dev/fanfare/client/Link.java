package dev.fanfare.client;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.jspecify.annotations.Nullable;

/// One WebSocket connection. OkHttp's threads put in what arrives, the device's thread takes it
/// out.
///
/// When 8 million characters wait for the listener, OkHttp's reading thread waits as well, and TCP
/// slows the server down. No pong is read then either, so one of the next two pings of OkHttp ends
/// the connection.
final class Link extends WebSocketListener {
  private static final int MOST_CHARACTERS = 8 * 1024 * 1024;
  private static final long LONGEST_RETRY_SECONDS = 60;
  private static final long LONGEST_WAIT_MILLIS = 60_000;

  private final Queue<String> frames = new ArrayDeque<>();
  private final CountDownLatch gone = new CountDownLatch(1);
  private final WebSocket socket;
  private final long farewellMillis;
  private long characters;
  private @Nullable End end;
  private boolean woken;

  /// @param farewellMillis for how long what was sent may take to go out when it is closed
  @SuppressWarnings("this-escape") // the listener's state above is complete before this
  Link(OkHttpClient http, Request request, long farewellMillis) {
    this.farewellMillis = farewellMillis;
    this.socket = http.newWebSocket(request, this);
  }

  /// Waits for a frame, a minute at most.
  ///
  /// @return null when there was none in time, on [#wake], and at the end
  synchronized @Nullable String next(long millis) throws InterruptedException {
    long patience = Math.min(millis, LONGEST_WAIT_MILLIS);
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patience);
    while (frames.isEmpty() && end == null && !woken) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        return null;
      }
      wait(left);
    }
    woken = false;
    String frame = frames.poll();
    if (frame != null) {
      characters -= frame.length();
      notifyAll();
    }
    return frame;
  }

  /// Whether the listener is behind.
  synchronized boolean hasMore() {
    return !frames.isEmpty();
  }

  /// Why it ended, once everything that came before was taken; null before.
  synchronized @Nullable End end() {
    return frames.isEmpty() ? end : null;
  }

  synchronized void wake() {
    woken = true;
    notifyAll();
  }

  private synchronized void end(End why) {
    if (end == null) {
      end = why;
    }
    notifyAll();
  }

  void send(String message) {
    socket.send(message);
  }

  /// Ends it, after what was sent has gone out or its time is over.
  void close() throws InterruptedException {
    boolean ended;
    synchronized (this) {
      ended = end != null;
    }
    end(End.CLOSED);
    if (!ended && socket.close(1000, null)) {
      gone.await(farewellMillis, TimeUnit.MILLISECONDS);
    }
    socket.cancel();
  }

  @Override
  public synchronized void onMessage(WebSocket from, String text) {
    try {
      while (characters > MOST_CHARACTERS && end == null) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end(End.broken("interrupted"));
    }
    if (end == null) {
      frames.add(text);
      characters += text.length();
      notifyAll();
    }
  }

  @Override
  public void onClosing(WebSocket from, int code, String reason) {
    end(End.closed(code, reason));
    from.close(1000, null);
  }

  @Override
  public void onClosed(WebSocket from, int code, String reason) {
    gone.countDown();
  }

  @Override
  public void onFailure(WebSocket from, Throwable cause, @Nullable Response response) {
    gone.countDown();
    if (response == null || response.code() == 101) {
      end(End.broken("the connection broke: " + cause.getMessage()));
    } else {
      end(End.refused(response.code(), retryAfterMillis(response)));
    }
  }

  private static long retryAfterMillis(Response response) {
    try {
      long seconds = Long.parseLong(response.header("Retry-After", "0"));
      return TimeUnit.SECONDS.toMillis(Math.min(Math.max(seconds, 0), LONGEST_RETRY_SECONDS));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
