package dev.fanfare.journal.kafka;

import dev.fanfare.journal.ProposalQueue;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.schema.Command;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hands commands to Kafka, as long as it is there.
///
/// After a failure, and after a change of the leader, the broker's clock is not known, and nothing
/// is handed over until a [#tick] was acknowledged; nor while the oldest record in flight has
/// waited for more than a second. So while Kafka is away nearly all commands wait here, and their
/// callers can be told that they were not taken.
final class Appender implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Appender.class);
  private static final int TAKEN_COMMANDS = 1_000;
  private static final long TAKEN_BYTES = 4L << 20;
  private static final Duration LOOK_AGAIN = Duration.ofMillis(5);
  private static final long MEND_EVERY_NANOS = Duration.ofSeconds(1).toNanos();
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(1);

  private final KafkaSettings settings;
  private final long proposer;
  private final Follower follower;
  private final BrokerClock clock;
  private final LongSupplier nanoTime;
  private final ProposalQueue<Append> queue = new ProposalQueue<>();
  private final InFlight inFlight = new InFlight();
  private final AtomicLong sequences = new AtomicLong();
  private final AtomicBoolean ticking = new AtomicBoolean();
  private final Thread thread;
  private final Runnable onBroken;
  private volatile Producer<byte[], byte[]> producer;
  private volatile boolean broken;
  private volatile boolean closed;
  private long mendedNanos;

  /// A command that Kafka's client was given.
  ///
  /// @param nanos when, by the node's clock
  /// @param by the thread that gave it
  private record Handed(Append append, long nanos, Producer<byte[], byte[]> to, Thread by) {}

  Appender(Follower.Parts parts, Follower follower) {
    this.settings = parts.settings();
    this.proposer = parts.proposer();
    this.follower = follower;
    this.clock = parts.clock();
    this.nanoTime = parts.nanoTime();
    this.onBroken = parts.onBroken();
    this.mendedNanos = nanoTime.getAsLong() - MEND_EVERY_NANOS;
    this.producer = settings.producer();
    this.thread = Thread.ofPlatform().name("appender").start(this::run);
  }

  /// Queues a command that came at some reading of the node's clock.
  ///
  /// @throws TryAgainException when too many wait
  Append offer(Command command, long acceptedNanos) {
    Append append = new Append(command, sequences.incrementAndGet(), acceptedNanos);
    queue.add(append);
    return append;
  }

  /// Appends an entry that nobody waits for.
  void append(Command command) {
    send(
        new Append(command, sequences.incrementAndGet(), nanoTime.getAsLong()),
        Envelope.NO_DEADLINE);
  }

  /// Whether Kafka takes what comes.
  boolean isOpen() {
    return clock.isKnown() && !inFlight.isStalled(nanoTime.getAsLong());
  }

  /// Appends an entry that only asks whether Kafka is there and what its time is, unless one is on
  /// its way.
  void tick(Command command) {
    if (ticking.compareAndSet(false, true)) {
      append(command);
    }
  }

  private void run() {
    try {
      handOverAll();
    } catch (RuntimeException | Error e) {
      log.error("commands are no longer handed to Kafka; the server stops", e);
      onBroken.run();
    }
  }

  private void handOverAll() {
    List<Append> taken = queue.take(TAKEN_COMMANDS, TAKEN_BYTES);
    while (!taken.isEmpty()) {
      taken.forEach(this::handOver);
      taken = queue.take(TAKEN_COMMANDS, TAKEN_BYTES);
    }
  }

  /// Once Kafka takes it. The deadline is computed with what was asked then, because the clock can
  /// be forgotten at any moment, and an entry without a deadline could take effect at any time.
  private void handOver(Append append) {
    inFlight.awaitRoom(append.bytes());
    OptionalLong deadline = deadline(append);
    while (deadline.isEmpty() && !closed && !append.isTooOld(nanoTime.getAsLong())) {
      pause();
      deadline = deadline(append);
    }
    if (append.isTooOld(nanoTime.getAsLong())) {
      append.failed(new TryAgainException("Kafka takes nothing now"));
    } else if (deadline.isEmpty()) {
      append.failed(new TryAgainException("the server is stopping"));
    } else {
      follower.expect(append);
      if (append.handOver()) {
        send(append, deadline.getAsLong());
      } else {
        follower.forget(append);
      }
    }
  }

  /// Until when it may take effect; empty while Kafka takes nothing.
  private OptionalLong deadline(Append append) {
    OptionalLong accepted = clock.at(append.acceptedNanos());
    if (accepted.isEmpty() || inFlight.isStalled(nanoTime.getAsLong())) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(
        Envelope.hasDeadline(append.command())
            ? accepted.getAsLong() + Append.PATIENCE.toMillis()
            : Envelope.NO_DEADLINE);
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_AGAIN);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void send(Append append, long deadline) {
    Handed handed = new Handed(append, nanoTime.getAsLong(), producer, Thread.currentThread());
    inFlight.enter(append.bytes(), handed.nanos());
    byte[] value =
        new Envelope(proposer, append.sequence(), deadline, append.command())
            .encode(settings.key());
    try {
      handed
          .to()
          .send(
              new ProducerRecord<>(settings.topic(), 0, null, value),
              (metadata, failure) -> sent(handed, metadata, failure));
    } catch (RuntimeException e) {
      sent(handed, null, e);
    }
  }

  private void sent(Handed handed, @Nullable RecordMetadata metadata, @Nullable Exception failure) {
    inFlight.leave(handed.append().bytes());
    if (metadata != null && failure == null) {
      clock.measured(metadata.timestamp(), handed.nanos(), nanoTime.getAsLong());
    } else {
      clock.forget();
      failed(handed, failure);
    }
    if (handed.append().command().hasTick()) {
      ticking.set(false);
    }
  }

  /// Kafka's client takes a record, or says at once that it does not. What it took may be in the
  /// topic, however it failed, unless no broker takes so large a record.
  private void failed(Handed handed, @Nullable Exception failure) {
    log.warn("Kafka did not take an entry: {}", String.valueOf(failure));
    boolean atOnce = Thread.currentThread().equals(handed.by());
    if (atOnce || failure instanceof RecordTooLargeException) {
      follower.forget(handed.append());
      handed.append().failed(new TryAgainException("Kafka did not take the command"));
    }
    if (handed.to().equals(producer) && !(failure instanceof TimeoutException)) {
      broken = true;
    }
  }

  /// Takes a new client in place of one that failed in a way that may last, once a second at most.
  void mend() {
    long now = nanoTime.getAsLong();
    if (broken && now - mendedNanos >= MEND_EVERY_NANOS) {
      mendedNanos = now;
      Producer<byte[], byte[]> old = producer;
      producer = settings.producer();
      broken = false;
      old.close(Duration.ZERO);
    }
  }

  /// Takes nothing more, and hands over what waits while Kafka is there.
  @Override
  public void close() {
    closed = true;
    queue.close();
    try {
      thread.join(CLOSE_WITHIN);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    producer.close(CLOSE_WITHIN);
  }
}
