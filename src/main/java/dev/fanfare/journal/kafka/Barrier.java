package dev.fanfare.journal.kafka;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The read barrier: asks where the topic ends and has readers wait until this node has applied all
/// of that. One request serves everyone who came before it was sent.
///
/// While Kafka does not answer nobody waits, and reads are local; the thread goes on asking.
final class Barrier implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Barrier.class);
  private static final Duration ANSWER_WITHIN = Duration.ofMillis(800);

  /// A request waits here before it begins its own 2.5 s, and 5 s after it came all is decided.
  static final Duration PATIENCE = Duration.ofSeconds(1);

  private static final Duration ASK_AGAIN = Duration.ofMillis(200);
  private static final long UNKNOWN = -1;

  private final Consumer<byte[], byte[]> consumer;
  private final TopicPartition partition;
  private final Follower follower;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wanted = lock.newCondition();
  private final Thread thread;
  private CompletableFuture<Long> next = new CompletableFuture<>();
  private boolean waited;
  private volatile boolean away;
  private volatile boolean closed;

  Barrier(KafkaSettings settings, Follower follower) {
    this.follower = follower;
    this.partition = new TopicPartition(settings.topic(), 0);
    this.consumer = settings.consumer();
    consumer.assign(List.of(partition));
    this.thread = Thread.ofPlatform().daemon().name("barrier").start(this::run);
  }

  /// Whether Kafka did not answer the last time.
  boolean isAway() {
    return away;
  }

  /// Blocks until everything that was acknowledged before the call is applied here. False when that
  /// is not known.
  boolean pass() {
    if (away) {
      return false;
    }
    long begun = System.nanoTime();
    long end = end(ask());
    Duration left = PATIENCE.minusNanos(System.nanoTime() - begun);
    return end != UNKNOWN && follower.progress().awaitBelow(end, left);
  }

  /// The answer to the next request that is sent.
  private CompletableFuture<Long> ask() {
    lock.lock();
    try {
      waited = true;
      wanted.signal();
      return next;
    } finally {
      lock.unlock();
    }
  }

  private static long end(CompletableFuture<Long> answer) {
    try {
      return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return UNKNOWN;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return UNKNOWN;
    }
  }

  private void run() {
    try (consumer) {
      while (!closed) {
        request(take());
      }
    } catch (InterruptedException _) {
      log.debug("interrupted in order to close");
    }
  }

  /// Those who wait, as soon as somebody does; while Kafka is away it is asked without them.
  private CompletableFuture<Long> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = ASK_AGAIN.toNanos();
      while (!waited && !(away && nanos <= 0)) {
        if (away) {
          nanos = wanted.awaitNanos(nanos);
        } else {
          wanted.await();
        }
      }
      waited = false;
      CompletableFuture<Long> taken = next;
      next = new CompletableFuture<>();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void request(CompletableFuture<Long> answer) throws InterruptedException {
    try {
      var ends = consumer.endOffsets(List.of(partition), ANSWER_WITHIN);
      answer.complete(ends.getOrDefault(partition, UNKNOWN));
      if (away) {
        log.info("Kafka answers again");
      }
      away = false;
    } catch (RuntimeException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException("closing");
      }
      if (!away) {
        log.warn("reads are local, because Kafka does not answer: {}", e.getMessage());
      }
      away = true;
      answer.complete(UNKNOWN);
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(1));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
