package dev.fanfare.journal.kafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The network between one node and all brokers: a relay to each of their ports, which can be
/// disturbed. Any thread.
public final class Link implements AutoCloseable {
  private static final int PORTION = 64 << 10;

  private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private State state = State.OPEN;

  /// What becomes of bytes.
  public enum State {
    OPEN,
    /// Connections break, and new ones do too.
    BROKEN,
    /// Nothing passes; what was sent meanwhile arrives when the link opens.
    SILENT,
    /// What the node says passes, and no answer.
    DEAF;

    private boolean passes(boolean toBroker) {
      return this == OPEN || (toBroker && this == DEAF);
    }
  }

  /// Begins to relay to a port of this machine. Returns the port where.
  public int to(int port) {
    try {
      ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      open.add(listening);
      Thread.startVirtualThread(() -> accept(listening, port));
      return listening.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void set(State next) {
    lock.lock();
    try {
      state = next;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (next == State.BROKEN) {
      open.stream().filter(Socket.class::isInstance).forEach(Link::close);
    }
  }

  private State state() {
    lock.lock();
    try {
      return state;
    } finally {
      lock.unlock();
    }
  }

  private void accept(ServerSocket listening, int port) {
    while (!listening.isClosed()) {
      try {
        Socket node = listening.accept();
        Thread.startVirtualThread(() -> join(node, port));
      } catch (IOException _) {
        // Closed, or the node has gone again.
      }
    }
  }

  private void join(Socket node, int port) {
    open.add(node);
    try {
      Socket broker = new Socket(InetAddress.getLoopbackAddress(), port);
      open.add(broker);
      if (state() == State.BROKEN) {
        throw new IOException("broken");
      }
      Thread.startVirtualThread(() -> relay(broker, node, false));
      relay(node, broker, true);
    } catch (IOException e) {
      close(node);
    }
  }

  /// Relays one direction until one side ends, and then ends both.
  private void relay(Socket from, Socket to, boolean toBroker) {
    byte[] portion = new byte[PORTION];
    try (from;
        to) {
      int read = from.getInputStream().read(portion);
      while (read >= 0) {
        awaitPassage(toBroker);
        to.getOutputStream().write(portion, 0, read);
        read = from.getInputStream().read(portion);
      }
    } catch (IOException _) {
      // Ended as well.
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  private void awaitPassage(boolean toBroker) throws IOException {
    lock.lock();
    try {
      while (!state.passes(toBroker)) {
        if (state == State.BROKEN) {
          throw new IOException("broken");
        }
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    set(State.BROKEN);
    open.forEach(Link::close);
  }
}
