package dev.fanfare.gateway;

import java.util.ArrayDeque;
import java.util.ArrayList;
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
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final List<Runnable> reads = new ArrayList<>();
  private final Queue<Timer> timers = new ArrayDeque<>();
  private long nanos = 1;

  long nanoTime() {
    return nanos;
  }

  /// Where work beside the loop waits.
  void read(Runnable work) {
    reads.add(work);
  }

  /// Runs one task or one read; false when nothing waits.
  boolean step(Random random) {
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
    nanos += TimeUnit.SECONDS.toNanos(seconds);
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
    timers.add(timer);
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
