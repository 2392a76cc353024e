package dev.fanfare.gateway;

import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread that owns a shard, and what runs beside it because it may wait for the disk. Any
/// thread.
///
/// @param loop an event loop
/// @param readers runs what may wait for the disk
record ShardThread(ScheduledExecutorService loop, Executor readers) {
  private static final Logger log = LoggerFactory.getLogger(ShardThread.class);

  /// Runs a task on the shard's thread, soon; not at all once the gateway is closing.
  void run(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      log.debug("the gateway is closing", e);
    }
  }

  /// Runs a task on the shard's thread after the sockets had their turn. A task that an event loop
  /// runs at once would run before it looks at its sockets again.
  void yieldTo(Runnable task) {
    var _ = later(task, 0);
  }

  /// Runs a task on the shard's thread after so many milliseconds.
  Future<?> later(Runnable task, long millis) {
    return loop.schedule(task, millis, TimeUnit.MILLISECONDS);
  }

  /// Does something for a session that may wait for the disk. See [#serve].
  void beside(Session session, Runnable work) {
    readers.execute(() -> serve(session, work));
  }

  /// Does something for a session, here and now. One that this fails for is closed, and its device
  /// comes back for what it missed; the others do not notice.
  void serve(Session session, Runnable work) {
    try {
      work.run();
    } catch (Throwable e) {
      log.error("a session could not be served", e);
      run(() -> session.close(CloseCode.OVER_CAPACITY));
    }
  }
}
