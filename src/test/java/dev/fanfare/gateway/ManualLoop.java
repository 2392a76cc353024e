package dev.fanfare.gateway;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/// An event loop and the readers beside it, run by hand in an order that a seed decides: tasks of
/// the loop one after the other, readers in any order, timers when the clock is moved.
final class ManualLoop extends AbstractExecutorService implements ScheduledExecutorService {
  private static final long SOON_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final List<Runnable> reads = new ArrayList<>();
  private final List<Timer> timers = new ArrayList<>();
  private long nanos = 1;
  private int yields;

  long nanoTime() {
    return nanos;
  }

  /// How often a task let the sockets have the thread. What an event loop is told to execute it
  /// runs before it looks at its sockets again; what it is told to schedule, after that.
  int yields() {
    return yields;
  }

  /// How much work beside the loop waits.
  int reads() {
    return reads.size();
  }

  /// Where work beside the loop waits.
  void read(Runnable work) {
    reads.add(work);
  }

  /// Runs one task or one read, or, when none waits, moves time to a timer that is due at once or
  /// in less than 0.1 s; false when nothing waits.
  boolean step(Random random) {
    if (tasks.isEmpty() && reads.isEmpty()) {
      timers.stream()
          .min(Comparator.comparingLong(timer -> timer.at))
          .filter(timer -> timer.at < nanos + SOON_NANOS)
          .ifPresent(timer -> advanceTo(timer.at));
    }
    boolean read = !reads.isEmpty() && (tasks.isEmpty() || random.nextBoolean());
    Runnable next = read ? reads.remove(random.nextInt(reads.size())) : tasks.poll();
    if (next == null) {
      return false;
    }
    next.run();
    return true;
  }

  /// Runs the reads that wait, and what they bring back to the loop, ahead of all that waits there.
  void readNow() {
    List<Runnable> others = new ArrayList<>(tasks);
    tasks.clear();
    while (!reads.isEmpty()) {
      reads.removeFirst().run();
      for (Runnable next = tasks.poll(); next != null; next = tasks.poll()) {
        next.run();
      }
    }
    tasks.addAll(others);
  }

  /// Runs until nothing waits.
  void settle(Random random) {
    int steps = 0;
    while (step(random)) {
      if (++steps > 1_000_000) {
        throw new AssertionError("the loop never comes to rest");
      }
    }
  }

  /// Moves monotonic time and queues the timers that are due.
  void advance(long seconds) {
    advanceTo(nanos + TimeUnit.SECONDS.toNanos(seconds));
  }

  private void advanceTo(long time) {
    nanos = Math.max(nanos, time);
    for (Timer timer : List.copyOf(timers)) {
      if (timer.at <= nanos) {
        timers.remove(timer);
        tasks.add(timer);
      }
    }
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    Timer timer = new Timer(task, nanos + unit.toNanos(delay));
    if (delay == 0) {
      yields++;
      tasks.add(timer);
    } else {
      timers.add(timer);
    }
    return timer;
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException("not used by shards");
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable task, long initialDelay, long period, TimeUnit unit) {
    throw new UnsupportedOperationException("not used by shards");
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable task, long initialDelay, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException("not used by shards");
  }

  @Override
  public void shutdown() {}

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return true;
  }

  private static final class Timer extends FutureTask<Void>
      implements RunnableScheduledFuture<Void> {
    private final long at;

    Timer(Runnable task, long at) {
      super(task, null);
      this.at = at;
    }

    @Override
    public boolean isPeriodic() {
      return false;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(at, TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
  }
}
