package dev.fanfare.journal.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which node does what only one has to do: the one to which a consumer group assigns the topic's
/// partition. When it is lost, another one has the duties within ten seconds; a node that could not
/// do them for 5 s, such as one whose disk is full, leaves the group until it can.
///
/// For a moment two nodes may think that they have them; what they propose takes effect once all
/// the same. One thread keeps up the membership; nothing is read by it.
final class Duties implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Duties.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Consumer<byte[], byte[]> member;
  private final String topic;
  private final BooleanSupplier able;
  private final Thread thread;
  private volatile boolean onDuty;
  private volatile boolean closed;

  /// @param able whether this node can do the duties now
  Duties(KafkaSettings settings, BooleanSupplier able) {
    this.member = settings.member();
    this.topic = settings.topic();
    this.able = able;
    this.thread = Thread.ofPlatform().daemon().name("duties").start(this::run);
  }

  boolean onDuty() {
    return onDuty;
  }

  private void run() {
    try (member) {
      long ableNanos = System.nanoTime();
      while (!closed) {
        try {
          if (able.getAsBoolean()) {
            ableNanos = System.nanoTime();
          }
          takePart(System.nanoTime() - ableNanos < PATIENCE.toNanos());
        } catch (WakeupException | InterruptException _) {
          log.debug("woken in order to close");
        } catch (RuntimeException e) {
          log.warn("the group that shares the duties cannot be reached: {}", e.getMessage());
          pause();
        }
      }
    } finally {
      onDuty = false;
    }
  }

  private void takePart(boolean willing) {
    if (willing) {
      if (member.subscription().isEmpty()) {
        member.subscribe(List.of(topic), new Assignment());
      }
      var _ = member.poll(POLL);
    } else {
      if (!member.subscription().isEmpty()) {
        log.warn("this node cannot do the duties and leaves them to others");
        member.unsubscribe();
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(POLL);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Assignment implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      if (!partitions.isEmpty()) {
        member.pause(partitions);
        log.info("this node has the duties");
        onDuty = true;
      }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      if (!partitions.isEmpty()) {
        log.info("another node may have the duties");
        onDuty = false;
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    member.wakeup();
    try {
      thread.join(Duration.ofSeconds(1));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
