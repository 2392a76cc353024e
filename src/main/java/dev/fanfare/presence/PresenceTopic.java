package dev.fanfare.presence;

import dev.fanfare.cell.Cell;
import dev.fanfare.journal.UnusableJournalException;
import dev.fanfare.journal.kafka.CellTopic;
import dev.fanfare.journal.kafka.KafkaSettings;
import dev.fanfare.member.LocalPresence;
import dev.fanfare.member.Presence;
import dev.fanfare.schema.NodeReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The compacted topic in which the nodes of a cell tell each other who is online at them: follows
/// it, and has this node's part told.
///
/// Nothing that is journaled depends on it, so trouble with it is logged and never stops a node.
/// One thread.
public final class PresenceTopic implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration ANNOUNCE_EVERY = Duration.ofSeconds(1);
  private static final Duration READY_WITHIN = Duration.ofSeconds(10);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);
  private static final Logger log = LoggerFactory.getLogger(PresenceTopic.class);

  private final LocalPresence local;
  private final Supplier<NodeReport> self;
  private final TopicPartition partition;
  private final Elsewhere elsewhere;
  private final Consumer<byte[], byte[]> consumer;
  private final Announcer announcer;
  private final CountDownLatch ready = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean closed;

  /// Returns when this node knows what the others have told, or after ten seconds without.
  ///
  /// @param local the connections of this node
  /// @param self what it says of itself; that it is on duty has it bury what dead nodes left
  /// @throws UnusableJournalException when the topic is not as it has to be
  public PresenceTopic(KafkaSettings settings, LocalPresence local, Supplier<NodeReport> self) {
    this.local = local;
    this.self = self;
    this.partition = new TopicPartition(settings.presenceTopic(), 0);
    this.elsewhere = new Elsewhere(local.node(), System::nanoTime, Elsewhere.MOST_BYTES);
    try (Admin admin = settings.admin()) {
      var _ = new CellTopic(admin, settings.presenceTopic(), CellTopic.Form.PRESENCE).require();
      this.consumer = settings.consumer();
      this.announcer = new Announcer(local, settings.presenceTopic(), self, settings::producer);
    } catch (KafkaException e) {
      throw new UnusableJournalException("Kafka cannot be used: " + e.getMessage(), e);
    }
    this.thread = Thread.ofPlatform().daemon().name("presence").start(this::run);
    awaitReady();
  }

  private void awaitReady() {
    try {
      if (!ready.await(READY_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        log.warn("who is online at other nodes is not known yet");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Who is connected to any node of the cell.
  public Presence presence() {
    return new CellPresence(local, elsewhere);
  }

  /// The other nodes of the cell.
  public List<Cell.Peer> others() {
    return elsewhere.peers();
  }

  private void run() {
    try (consumer) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long announced = System.nanoTime() - ANNOUNCE_EVERY.toNanos();
      while (!closed) {
        follow();
        if (System.nanoTime() - announced >= ANNOUNCE_EVERY.toNanos()) {
          announced = System.nanoTime();
          announce(announced);
        }
      }
      announcer.close();
    } catch (RuntimeException | Error e) {
      log.error("who is online is no longer exchanged with other nodes", e);
    }
  }

  private void follow() {
    try {
      consumer.poll(POLL).forEach(this::hear);
    } catch (WakeupException | InterruptException _) {
      log.debug("woken in order to close");
    } catch (InvalidOffsetException e) {
      log.warn("the topic {} is another one; telling everything anew", partition.topic());
      elsewhere.clear();
      consumer.seekToBeginning(List.of(partition));
      announcer.startOver();
    } catch (RuntimeException e) {
      log.warn("who is online at other nodes cannot be read: {}", e.toString());
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(ANNOUNCE_EVERY);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void hear(ConsumerRecord<byte[], byte[]> record) {
    Optional<Subject> subject = Optional.ofNullable(record.key()).flatMap(Subject::decode);
    if (subject.isEmpty()) {
      log.debug("a record of the topic {} says nothing", partition.topic());
      return;
    }
    elsewhere.hear(subject.get(), record.value(), Instant.ofEpochMilli(record.timestamp()));
    if (subject.get().node().equals(local.node())) {
      announcer.heard(subject.get(), record.value());
    }
    if (elsewhere.isReady()) {
      ready.countDown();
    }
  }

  /// Only who has read everything knows who is dead.
  private void announce(long nowNanos) {
    try {
      boolean idle = announcer.isIdle();
      announcer.announce(nowNanos);
      if (idle && self.get().getDuties() && consumer.currentLag(partition).orElse(-1) == 0) {
        announcer.bury(elsewhere.remains(Announcer.MOST_RECORDS));
      }
    } catch (RuntimeException e) {
      log.warn("who is online here cannot be told now: {}", e.toString());
    }
  }

  /// Takes leave of the other nodes.
  @Override
  public void close() {
    closed = true;
    consumer.wakeup();
    try {
      thread.join(CLOSE_WITHIN);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
