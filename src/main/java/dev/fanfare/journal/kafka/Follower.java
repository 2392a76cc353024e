package dev.fanfare.journal.kafka;

import dev.fanfare.journal.Applier;
import dev.fanfare.journal.FreeSpace;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Stamp;
import dev.fanfare.journal.StateMachine;
import dev.fanfare.journal.UnusableJournalException;
import dev.fanfare.schema.Command;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Store;
import dev.fanfare.store.StoreClosedException;
import dev.fanfare.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows the topic: applies every entry, whoever appended it, and answers the callers of this
/// node's own.
///
/// Journal time is the broker's stamp, never backwards. One thread, the applier, does the work;
/// other threads say what they expect and wait for offsets.
final class Follower implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Follower.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration DRAIN_LOOK = Duration.ofMillis(20);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  /// What a consumer still has to say to brokers, which may be away, is not worth more.
  private static final CloseOptions SOON = CloseOptions.timeout(Duration.ofMillis(500));

  private final Parts parts;
  private final TopicPartition partition;
  private final Consumer<byte[], byte[]> consumer;
  private final Applier<Placed> applier;
  private final FreeSpace space;
  private final Standing.Ground ground;
  private final Chain chain;
  private final Map<Long, Append> expected = new ConcurrentHashMap<>();
  private final Progress progress;
  private volatile long time;
  private volatile boolean spaceLeft = true;
  private volatile boolean readable = true;
  private volatile boolean brokersStamp = true;
  private volatile boolean closed;
  private int leaderEpoch = -1;
  private @Nullable Thread thread;

  /// What following needs.
  ///
  /// @param topicId Kafka's id of the topic
  /// @param proposer names this run of the node
  /// @param onBroken called when the node must not go on; should stop the process
  record Parts(
      KafkaSettings settings,
      String topicId,
      long proposer,
      Store store,
      StateMachine state,
      BrokerClock clock,
      LongSupplier nanoTime,
      Runnable onBroken) {}

  /// An entry at its place in the topic.
  private record Placed(ConsumerRecord<byte[], byte[]> record, Envelope envelope) {
    boolean isVoid() {
      return envelope.isVoid(record.timestamp());
    }
  }

  Follower(Parts parts) {
    this.parts = parts;
    this.partition = new TopicPartition(parts.settings().topic(), 0);
    this.applier = new Applier<>(parts.store(), parts.state(), new Following());
    this.space = new FreeSpace(parts.store(), parts.nanoTime());
    this.time = parts.state().applied().time();
    this.consumer = parts.settings().consumer();
    try {
      consumer.assign(List.of(partition));
      Standing standing =
          new StartCheck(parts, new TopicLook(consumer, partition))
              .check(Standing.load(parts.store()));
      this.ground = standing.ground();
      this.progress = new Progress(standing.link());
    } catch (RuntimeException e) {
      consumer.close();
      throw e;
    }
    this.chain = new Chain(progress.committed());
    consumer.seek(partition, chain.last().offset() + 1);
  }

  void start() {
    thread = Thread.ofPlatform().name("applier").start(this::run);
  }

  /// Will answer this append when its entry is applied.
  void expect(Append append) {
    expected.put(append.sequence(), append);
  }

  /// The append failed for certain, or nobody waits for it.
  void forget(Append append) {
    expected.remove(append.sequence());
  }

  /// Nobody waits for what was accepted before a reading of the node's clock.
  void forgetBefore(long nanos) {
    expected.values().removeIf(append -> append.acceptedNanos() - nanos < 0);
  }

  /// How many commands were handed over and are waited for.
  int waitedFor() {
    return expected.size();
  }

  /// How far the committed state has come.
  Progress progress() {
    return progress;
  }

  /// Journal time of the last applied entry.
  long time() {
    return time;
  }

  /// Whether it follows no longer.
  boolean isClosed() {
    return closed;
  }

  boolean spaceLeft() {
    return spaceLeft;
  }

  /// Why this node does not follow as it should; empty when it does.
  List<String> troubles() {
    List<String> troubles = new ArrayList<>();
    if (!spaceLeft) {
      troubles.add("the disk is nearly full");
    }
    if (!applier.storeOpen()) {
      troubles.add("the store failed and is being reopened");
    }
    if (!readable) {
      troubles.add("the topic cannot be read");
    }
    if (!brokersStamp) {
      troubles.add("the topic no longer has message.timestamp.type=LogAppendTime");
    }
    return troubles;
  }

  private void run() {
    while (!closed) {
      try {
        if (hasSpace()) {
          follow();
        }
      } catch (WakeupException | InterruptException _) {
        log.debug("woken in order to close");
      } catch (InvalidOffsetException e) {
        stop("the topic no longer holds what this node has to apply next", e);
      } catch (KafkaException e) {
        readable = false;
        log.warn("the topic cannot be read: {}", e.getMessage());
        pause();
      } catch (StoreClosedException _) {
        log.debug("the store was closed in order to stop");
        closed = true;
        progress.end();
      } catch (RuntimeException | Error e) {
        stop("the journal cannot be followed", e);
      }
    }
    consumer.close(SOON);
  }

  private void stop(String why, Throwable cause) {
    log.error("{}; the server stops", why, cause);
    closed = true;
    progress.end();
    parts.onBroken().run();
  }

  private boolean hasSpace() {
    spaceLeft = space.left();
    if (!spaceLeft) {
      pause();
    }
    return spaceLeft;
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void follow() {
    List<Placed> entries = new ArrayList<>();
    long next = chain.last().offset() + 1;
    ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
    readable = true;
    for (ConsumerRecord<byte[], byte[]> record : records) {
      if (record.offset() != next++) {
        throw new UnusableJournalException("the topic has no entry at offset " + (next - 1));
      }
      noteLeader(record);
      noteStamp(record.timestampType());
      entries.add(new Placed(record, Envelope.decode(record.value(), parts.settings().key())));
    }
    for (List<Placed> group : applier.groups(entries)) {
      time = parts.state().applied().time();
      if (!applier.commit(group)) {
        consumer.seek(partition, chain.last().offset() + 1);
        return;
      }
    }
  }

  /// A new leader has another clock.
  private void noteLeader(ConsumerRecord<byte[], byte[]> record) {
    int epoch = record.leaderEpoch().orElse(leaderEpoch);
    if (epoch != leaderEpoch) {
      if (leaderEpoch >= 0) {
        parts.clock().forget();
      }
      leaderEpoch = epoch;
    }
  }

  /// Stamps of the nodes say nothing of when an entry came, so that deadlines would not hold.
  private void noteStamp(TimestampType type) {
    boolean brokers = type == TimestampType.LOG_APPEND_TIME;
    if (brokersStamp && !brokers) {
      log.error("the topic was changed: set message.timestamp.type=LogAppendTime again");
    }
    brokersStamp = brokers;
  }

  private final class Following implements Applier.Engine<Placed> {
    @Override
    public Command command(Placed entry) {
      return entry.isVoid() ? Pulse.TICK : entry.envelope().command();
    }

    @Override
    public void apply(Batch batch, Placed entry) {
      ConsumerRecord<byte[], byte[]> record = entry.record();
      Command command = command(entry);
      time = Math.max(time, record.timestamp());
      compare(command);
      Outcome outcome = parts.state().apply(stamp(record), command);
      String text = entry.isVoid() ? OutcomeText.VOID : OutcomeText.of(outcome);
      Chain.Link link = chain.add(record.value(), record.timestamp(), text);
      new Standing(ground, link, Chain.sha256(record.value())).put(batch);
      own(entry)
          .ifPresent(append -> {
            if (entry.isVoid()) {
              append.voided();
            }
            append.applied(outcome);
          });
    }

    private Stamp stamp(ConsumerRecord<byte[], byte[]> record) {
      return new Stamp(ground.journalOffset(record.offset()), time);
    }

    @Override
    public void committed(List<Placed> group) {
      for (Placed entry : group) {
        own(entry)
            .ifPresent(append -> {
              expected.remove(append.sequence());
              append.committed();
            });
      }
      progress.advance(chain.last(), group.getLast().record().timestamp());
    }

    @Override
    public void lost(List<Placed> group, StoreException cause) {
      chain.rewind(progress.committed());
    }

    @Override
    public void unavailable(StoreException cause) {
      log.debug("entries wait in the topic");
    }
  }

  private Optional<Append> own(Placed entry) {
    return entry.envelope().proposer() == parts.proposer()
        ? Optional.ofNullable(expected.get(entry.envelope().sequence()))
        : Optional.empty();
  }

  /// Stops a node whose history is not that of the one that wrote a mark, for good: when it is
  /// started again, it may be past the mark.
  private void compare(Command command) {
    if (command.hasMark()) {
      byte[] theirs = command.getMark().getHash().toByteArray();
      chain
          .at(command.getMark().getOffset())
          .filter(ours -> !Arrays.equals(ours, theirs))
          .ifPresent(_ -> {
            Batch batch = new Batch(parts.store());
            Standing.putDiverged(batch);
            parts.store().write(batch);
            throw new UnusableJournalException(
                "what this node has applied up to offset %d of the topic differs from what another"
                        .formatted(command.getMark().getOffset())
                    + " node has; one of them has to start anew from a backup");
          });
    }
  }

  /// Blocks until every append that this node handed over is applied, or its caller has left.
  private void drain() {
    long deadline = parts.nanoTime().getAsLong() + Append.PATIENCE.toNanos();
    while (!expected.isEmpty() && !closed && parts.nanoTime().getAsLong() < deadline) {
      var _ = progress.awaitBelow(progress.committed().offset() + 2, DRAIN_LOOK);
    }
  }

  /// Answers whom it can, then stops.
  @Override
  public void close() {
    drain();
    closed = true;
    progress.end();
    consumer.wakeup();
    Thread running = thread;
    if (running == null) {
      consumer.close();
      return;
    }
    try {
      running.join(CLOSE_WITHIN);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
