package dev.fanfare.journal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Proposals that wait for their engine: in order within an app, round-robin between apps, so that
/// one app's import does not hurt another. Any thread may add, one thread drains.
///
/// Bounded in bytes: all together, each app by a quarter of that, and callers by what leaves room
/// for the node's own commands, such as releases, which nobody repeats at once.
///
/// @param <P> what the engine keeps of a proposal
public final class ProposalQueue<P extends Proposal> {
  /// What all waiting commands may hold together.
  public static final long MAX_BYTES = 64L << 20;

  /// What the waiting commands of one app may hold.
  static final long MAX_APP_BYTES = MAX_BYTES / 4;

  /// What is left to the node's own commands.
  static final long RESERVED_BYTES = MAX_BYTES / 8;

  private final Map<Integer, Waiting<P>> byApp = new HashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<Integer> turns = new ArrayDeque<>();
  private long bytes;
  private boolean closed;

  /// What waits of one app.
  private static final class Waiting<P> {
    private final Queue<P> proposals = new ArrayDeque<>();
    private long bytes;
  }

  /// Adds a proposal.
  ///
  /// @throws TryAgainException when the queue is full or closed
  public void add(P proposal) {
    lock.lock();
    try {
      if (closed) {
        throw new TryAgainException("the server is stopping");
      }
      int app = proposal.command().getApp();
      Waiting<P> waiting = byApp.get(app);
      if (!hasRoom(proposal, waiting == null ? 0 : waiting.bytes)) {
        throw new TryAgainException("too many commands are waiting");
      }
      if (waiting == null) {
        waiting = new Waiting<>();
        byApp.put(app, waiting);
        turns.add(app);
      }
      waiting.proposals.add(proposal);
      waiting.bytes += proposal.bytes();
      bytes += proposal.bytes();
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  private boolean hasRoom(P proposal, long bytesOfApp) {
    boolean own = proposal.command().getActor().isEmpty();
    long more = proposal.bytes();
    return own
        ? bytes + more <= MAX_BYTES
        : bytes + more <= MAX_BYTES - RESERVED_BYTES && bytesOfApp + more <= MAX_APP_BYTES;
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
        Waiting<P> waiting = Objects.requireNonNull(byApp.get(app), "an app with a turn waits");
        P next = waiting.proposals.remove();
        waiting.bytes -= next.bytes();
        if (waiting.proposals.isEmpty()) {
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
