package dev.fanfare.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.locks.LockSupport;

/// The lines of a stream that is closed when none came for a while: a network that is gone says
/// nothing, and who only reads would wait forever. Read by one thread; another one watches.
final class LiveLines implements Iterator<String>, AutoCloseable {
  private final InputStream stream;
  private final Iterator<String> lines;
  private final long patienceNanos;
  private final Thread watch;
  private volatile long heard = System.nanoTime();
  private volatile boolean over;

  /// @param patience how long the stream may be silent
  LiveLines(InputStream stream, Duration patience) {
    this.stream = stream;
    this.lines = new BufferedReader(new InputStreamReader(stream, UTF_8)).lines().iterator();
    this.patienceNanos = patience.toNanos();
    this.watch = Thread.ofVirtual().start(this::watch);
  }

  private void watch() {
    long left = patienceNanos;
    while (!over && left > 0) {
      LockSupport.parkNanos(this, left);
      left = heard + patienceNanos - System.nanoTime();
    }
    closeStream();
  }

  /// @throws UncheckedIOException when the stream breaks; perhaps when it was closed for silence
  @Override
  public boolean hasNext() {
    boolean more = lines.hasNext();
    heard = System.nanoTime();
    return more;
  }

  @Override
  public String next() {
    return lines.next();
  }

  @Override
  public void close() {
    over = true;
    LockSupport.unpark(watch);
    closeStream();
  }

  /// Not through the reader, whose lock is held by who waits for a line.
  private void closeStream() {
    try {
      stream.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
