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
import org.apache.kafka.common.errors.AuthorizationException;
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
  private volatile Producer<byte[], byte[]> producer;
  private volatile boolean broken;
  private volatile boolean closed;

  Appender(Follower.Parts parts, Follower follower) {
    this.settings = parts.settings();
    this.proposer = parts.proposer();
    this.follower = follower;
    this.clock = parts.clock();
    this.nanoTime = parts.nanoTime();
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
    while (deadline.isEmpty() && !closed) {
      pause();
      deadline = deadline(append);
    }
    if (deadline.isEmpty()) {
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
    long sent = nanoTime.getAsLong();
    inFlight.enter(append.bytes(), sent);
    byte[] value =
        new Envelope(proposer, append.sequence(), deadline, append.command())
            .encode(settings.key());
    try {
      producer.send(
          new ProducerRecord<>(settings.topic(), 0, null, value),
          (metadata, failure) -> sent(append, sent, metadata, failure));
    } catch (RuntimeException e) {
      sent(append, sent, null, e);
    }
  }

  /// What became of a record. After a failure it may still be in the topic, unless the failure says
  /// that no broker can have taken it.
  private void sent(
      Append append,
      long sentNanos,
      @Nullable RecordMetadata metadata,
      @Nullable Exception failure) {
    inFlight.leave(append.bytes());
    if (metadata != null && failure == null) {
      clock.measured(metadata.timestamp(), sentNanos, nanoTime.getAsLong());
    } else {
      clock.forget();
      failed(append, failure);
    }
    if (append.command().hasTick()) {
      ticking.set(false);
    }
  }

  private void failed(Append append, @Nullable Exception failure) {
    log.warn("Kafka did not take an entry: {}", String.valueOf(failure));
    if (failure instanceof AuthorizationException || failure instanceof RecordTooLargeException) {
      follower.forget(append);
      append.failed(new TryAgainException("Kafka refused the command", failure));
    }
    broken = !(failure instanceof TimeoutException);
  }

  /// Takes a new client in place of one that failed in a way that may last.
  void mend() {
    if (broken) {
      broken = false;
      Producer<byte[], byte[]> old = producer;
      producer = settings.producer();
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
