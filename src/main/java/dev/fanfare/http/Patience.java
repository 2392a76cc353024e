package dev.fanfare.http;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/// Ends what waits too long for the other side of a connection: its thread is interrupted, which
/// closes the connection that a virtual thread reads from or writes to.
///
/// One thread looks every second at who waits.
final class Patience implements AutoCloseable {
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private final Duration stall;
  private final LongSupplier nanoTime;
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
  private final Thread thread;

  /// @param stall for how long one read or write of a stream may take
  Patience(Duration stall, LongSupplier nanoTime) {
    this.stall = stall;
    this.nanoTime = nanoTime;
    this.thread = Thread.ofPlatform().daemon().name("stalled-streams").start(this::run);
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(LOOK_EVERY);
        look();
      }
    } catch (InterruptedException _) {
      // Closed.
    }
  }

  /// Interrupts who has waited too long.
  void look() {
    long now = nanoTime.getAsLong();
    waiting.forEach(one -> one.interruptAfter(now));
  }

  /// Gives this thread so much time, until that is closed, which any thread may do.
  Waiting within(Duration limit) {
    return new Waiting(limit);
  }

  /// The same stream for this thread, without endless reads.
  InputStream reading(InputStream stream) {
    return new FilterInputStream(stream) {
      @Override
      public int read() throws IOException {
        try (Waiting _ = within(stall)) {
          return in.read();
        }
      }

      @Override
      public int read(byte[] bytes, int from, int length) throws IOException {
        try (Waiting _ = within(stall)) {
          return in.read(bytes, from, length);
        }
      }
    };
  }

  /// The same stream for this thread, without endless writes.
  OutputStream writing(OutputStream stream) {
    return new FilterOutputStream(stream) {
      @Override
      public void write(int one) throws IOException {
        try (Waiting _ = within(stall)) {
          out.write(one);
        }
      }

      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        try (Waiting _ = within(stall)) {
          out.write(bytes, from, length);
        }
      }

      @Override
      public void flush() throws IOException {
        try (Waiting _ = within(stall)) {
          out.flush();
        }
      }
    };
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  /// A thread that may be interrupted, once.
  final class Waiting implements AutoCloseable {
    private final Thread who = Thread.currentThread();
    private final long since = nanoTime.getAsLong();
    private final long limit;
    private boolean over;

    private Waiting(Duration limit) {
      this.limit = limit.toNanos();
      waiting.add(this);
    }

    private synchronized void interruptAfter(long now) {
      if (!over && now - since > limit) {
        close();
        who.interrupt();
      }
    }

    @Override
    public synchronized void close() {
      over = true;
      waiting.remove(this);
    }
  }
}
