package dev.fanfare.journal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Proposals that wait for their engine: in order within an app, round-robin between apps, so that
/// one app's import does not hurt another. Bounded in bytes; any thread may add, one thread drains.
///
/// @param <P> what the engine keeps of a proposal
public final class ProposalQueue<P extends Proposal> {
  /// What all waiting commands may hold together.
  public static final long MAX_BYTES = 64L << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Integer, Queue<P>> byApp = new HashMap<>();
  private final Queue<Integer> turns = new ArrayDeque<>();
  private long bytes;
  private boolean closed;

  /// Adds a proposal.
  ///
  /// @throws TryAgainException when the queue is full or closed
  public void add(P proposal) {
    lock.lock();
    try {
      if (closed) {
        throw new TryAgainException("the server is stopping");
      }
      if (bytes + proposal.bytes() > MAX_BYTES) {
        throw new TryAgainException("too many commands are waiting");
      }
      int app = proposal.command().getApp();
      Queue<P> queue = byApp.computeIfAbsent(app, _ -> new ArrayDeque<>());
      if (queue.isEmpty()) {
        turns.add(app);
      }
      queue.add(proposal);
      bytes += proposal.bytes();
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /// Blocks until there is something to do, then takes at most so many commands and bytes, one per
  /// app in turn. An empty list means that the queue is closed and drained.
  public List<P> take(int maxCommands, long maxBytes) {
    lock.lock();
    try {
      while (turns.isEmpty() && !closed) {
        changed.awaitUninterruptibly();
      }
      return poll(maxCommands, maxBytes);
    } finally {
      lock.unlock();
    }
  }

  /// Takes everything that waits now.
  public List<P> poll() {
    return poll(Integer.MAX_VALUE, Long.MAX_VALUE);
  }

  private List<P> poll(int maxCommands, long maxBytes) {
    lock.lock();
    try {
      List<P> taken = new ArrayList<>();
      long takenBytes = 0;
      while (!turns.isEmpty() && taken.size() < maxCommands && takenBytes < maxBytes) {
        int app = turns.remove();
        Queue<P> queue = byApp.getOrDefault(app, new ArrayDeque<>());
        P next = queue.remove();
        if (queue.isEmpty()) {
          byApp.remove(app);
        } else {
          turns.add(app);
        }
        taken.add(next);
        takenBytes += next.bytes();
      }
      bytes -= takenBytes;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /// Refuses what comes from now on; what waits is still handed out.
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
