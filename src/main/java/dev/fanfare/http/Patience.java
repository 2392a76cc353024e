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

/// Ends streams whose other side stands still: a read or a write that takes too long has its thread
/// interrupted, which closes the connection of a virtual thread.
///
/// One thread looks every second at who waits.
final class Patience implements AutoCloseable {
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private final Duration limit;
  private final LongSupplier nanoTime;
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
  private final Thread thread;

  /// @param limit of one read or write
  Patience(Duration limit, LongSupplier nanoTime) {
    this.limit = limit;
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
    waiting.forEach(one -> one.interruptAfter(limit, now));
  }

  /// The same stream for this thread, without endless reads.
  InputStream reading(InputStream stream) {
    return new FilterInputStream(stream) {
      @Override
      public int read() throws IOException {
        try (Waiting _ = new Waiting()) {
          return in.read();
        }
      }

      @Override
      public int read(byte[] bytes, int from, int length) throws IOException {
        try (Waiting _ = new Waiting()) {
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
        try (Waiting _ = new Waiting()) {
          out.write(one);
        }
      }

      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        try (Waiting _ = new Waiting()) {
          out.write(bytes, from, length);
        }
      }

      @Override
      public void flush() throws IOException {
        try (Waiting _ = new Waiting()) {
          out.flush();
        }
      }
    };
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  /// This thread, in a read or write.
  private final class Waiting implements AutoCloseable {
    private final Thread who = Thread.currentThread();
    private final long since = nanoTime.getAsLong();
    private boolean over;

    Waiting() {
      waiting.add(this);
    }

    synchronized void interruptAfter(Duration patience, long now) {
      if (!over && now - since > patience.toNanos()) {
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
