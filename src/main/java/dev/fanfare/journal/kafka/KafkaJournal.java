package dev.fanfare.journal.kafka;

import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.StateMachine;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.journal.UnusableJournalException;
import dev.fanfare.schema.ChangeMembers;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Store;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The journal of many machines: one partition of a Kafka topic, which every node follows.
///
/// A command goes into the topic, comes back with everybody else's, is applied, and only then is
/// its caller answered: so an answer means that two brokers have it and that this node shows it.
/// Its time is the broker's stamp.
///
/// A caller waits for 2.5 s. What was not handed to Kafka until then never will be, and may be
/// tried again; of what was handed over and did not come back the outcome is unknown. The entry
/// carries when that is, by the broker's clock, and every node takes one that was stamped later for
/// void.
public final class KafkaJournal implements Journal {
  private static final Logger log = LoggerFactory.getLogger(KafkaJournal.class);

  /// The largest command of one entry. More changes of members are split; anything else is refused.
  static final int ENTRY_BYTES = 900_000;

  /// What becomes of a part that is a single change and yet too large.
  private static final List<Optional<Refusal>> TOO_LARGE =
      List.of(Optional.of(new Refusal.EntryTooLarge(ENTRY_BYTES)));

  /// With the round trip that the clock may be wrong by, and the clocks of brokers, far less than
  /// lies between the last moment at which a command may be stamped and the 5 s after its call.
  private static final long LATELY_MILLIS = 500;

  private static final Duration LOOK_AGAIN = Duration.ofMillis(5);
  private static final Duration CATCH_UP_LOG = Duration.ofSeconds(10);

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final LongSupplier nanoTime;
  private final BrokerClock clock = new BrokerClock();
  private final Follower follower;
  private final Appender appender;
  private final Barrier barrier;
  private final Duties duties;
  private volatile boolean closed;

  /// Starts on what the store holds and returns when this node has applied everything that the
  /// topic held by then.
  ///
  /// @param onBroken called when the node must not go on; should stop the process
  /// @throws UnusableJournalException when the topic or the state is not as it has to be
  public KafkaJournal(KafkaSettings settings, Store store, StateMachine state, Runnable onBroken) {
    this.nanoTime = System::nanoTime;
    try {
      Follower.Parts parts =
          new Follower.Parts(
              settings,
              topicId(settings),
              new SecureRandom().nextLong(),
              store,
              state,
              clock,
              nanoTime,
              onBroken);
      this.follower = opened(new Follower(parts));
      follower.start();
      this.barrier = opened(new Barrier(settings, follower));
      catchUp();
      this.appender = opened(new Appender(parts, follower));
      this.duties = opened(new Duties(settings, () -> troubles().isEmpty()));
      opened(new Pulse(appender, follower, parts, duties::onDuty));
      awaitClock();
    } catch (KafkaException e) {
      close();
      throw new UnusableJournalException("Kafka cannot be used: " + reason(e), e);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /// What Kafka's client says and, where it only says that it failed, why. What could not be parsed
  /// is left out, because it could be a part of a password.
  private static String reason(KafkaException failure) {
    String why = "";
    Throwable cause = failure.getCause();
    while (cause != null && !(cause instanceof IllegalArgumentException)) {
      why = ": " + cause.getMessage();
      cause = cause.getCause();
    }
    return failure.getMessage() + why;
  }

  /// Whether a store is that of a node that follows a topic.
  public static boolean follows(Store store) {
    return Standing.load(store).isPresent();
  }

  /// Has a store follow no topic any more, so that an embedded journal goes on with its state.
  public static void leave(Store store) {
    Batch batch = new Batch(store);
    Standing.remove(batch);
    store.write(batch);
  }

  /// Kafka's id of the topic, which is created if need be and checked.
  static String topicId(KafkaSettings settings) {
    try (Admin admin = settings.admin()) {
      return new CellTopic(admin, settings.topic(), CellTopic.Form.JOURNAL).require();
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    opened.push(part);
    return part;
  }

  /// Blocks until this node has applied what the topic holds now.
  private void catchUp() {
    long begun = nanoTime.getAsLong();
    long from = follower.progress().committed().offset();
    while (!barrier.pass()) {
      if (follower.isClosed()) {
        throw new UnusableJournalException("the journal cannot be followed; the log says why");
      }
      pause();
      if (nanoTime.getAsLong() - begun > CATCH_UP_LOG.toNanos()) {
        begun = nanoTime.getAsLong();
        log.info(
            "catching up; applied offset {} of the topic",
            follower.progress().committed().offset());
      }
    }
    log.info("applied {} entries to catch up", follower.progress().committed().offset() - from);
  }

  /// Blocks until the broker's clock is known, so that the first reads need not be local; not for
  /// long, because Kafka may take nothing now.
  private void awaitClock() {
    long begun = nanoTime.getAsLong();
    while (!clock.isKnown() && nanoTime.getAsLong() - begun < Append.PATIENCE.toNanos()) {
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_AGAIN);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public Outcome propose(Command command) {
    return append(command).await();
  }

  @Override
  public Pending append(Command command) {
    long now = nanoTime.getAsLong();
    if (closed) {
      throw new TryAgainException("the server is stopping");
    }
    if (!follower.spaceLeft()) {
      throw new TryAgainException("the disk is nearly full");
    }
    if (command.getSerializedSize() <= ENTRY_BYTES) {
      Append append = appender.offer(command, now);
      return () -> await(append);
    }
    Outcome outcome =
        command.hasChangeMembers()
            ? proposeParts(split(command), now)
            : new Outcome.Refused(new Refusal.EntryTooLarge(ENTRY_BYTES));
    return () -> outcome;
  }

  /// Whoever is not answered in time waits no longer, also when the entry never comes.
  private Outcome await(Append append) {
    try {
      return append.awaitAt(nanoTime.getAsLong());
    } catch (OutcomeUnknownException e) {
      follower.forget(append);
      throw e;
    }
  }

  /// Changes of members are judged one by one, so that several entries do what one would.
  static List<Command> split(Command command) {
    List<Command> parts = new ArrayList<>();
    ChangeMembers.Builder part = ChangeMembers.newBuilder();
    int bytes = 0;
    for (MemberChange change : command.getChangeMembers().getChangesList()) {
      int more = change.getSerializedSize() + 8;
      if (bytes > 0 && bytes + more > ENTRY_BYTES - 1_000) {
        parts.add(command.toBuilder().setChangeMembers(part).build());
        part.clear();
        bytes = 0;
      }
      part.addChanges(change);
      bytes += more;
    }
    parts.add(command.toBuilder().setChangeMembers(part).build());
    return parts;
  }

  /// Proposes all parts in order and puts their outcomes together. When only some of them took
  /// effect, the whole neither did nor did not.
  private Outcome proposeParts(List<Command> parts, long now) {
    List<Append> appends = new ArrayList<>();
    List<Optional<Refusal>> refusals = new ArrayList<>();
    try {
      for (Command part : parts) {
        if (part.getSerializedSize() <= ENTRY_BYTES) {
          appends.add(appender.offer(part, now));
        }
      }
      Iterator<Append> answers = appends.iterator();
      for (Command part : parts) {
        refusals.addAll(
            part.getSerializedSize() <= ENTRY_BYTES ? members(await(answers.next())) : TOO_LARGE);
      }
    } catch (TryAgainException e) {
      if (appends.isEmpty()) {
        throw e;
      }
      throw new OutcomeUnknownException("only a part of a large change may have taken effect");
    } finally {
      appends.forEach(follower::forget);
    }
    return new Outcome.Members(refusals);
  }

  private static List<Optional<Refusal>> members(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Members(var refusals) -> refusals;
      case Outcome.Done _, Outcome.Refused _, Outcome.Started _ ->
          throw new IllegalStateException("not an outcome of a change of members");
    };
  }

  /// How many commands were handed over and are waited for.
  int waitedFor() {
    return follower.waitedFor();
  }

  /// Where the topic ends says nothing of an entry that only one broker has so far: it counts as
  /// soon as a second one has it, and when brokers wait for each other that can be long after it
  /// was stamped. So it also takes an entry from just now: whatever was stamped before it, and is
  /// not here, will never be. Where none came lately, one is appended.
  @Override
  public boolean barrier() {
    long begun = nanoTime.getAsLong();
    return barrier.pass() && hasEntryFrom(begun);
  }

  private boolean hasEntryFrom(long nanos) {
    OptionalLong now = clock.at(nanos);
    if (now.isEmpty()) {
      return false;
    }
    long lately = now.getAsLong() - LATELY_MILLIS;
    if (follower.progress().stamp() < lately) {
      appender.tick(Pulse.TICK);
    }
    return follower
        .progress()
        .awaitStamp(lately, Barrier.PATIENCE.minusNanos(nanoTime.getAsLong() - nanos));
  }

  @Override
  public boolean onDuty() {
    return duties.onDuty();
  }

  /// The broker's clock as this node knows it; without it, time stands until Kafka is back.
  @Override
  public long time() {
    return Math.max(follower.time(), clock.at(nanoTime.getAsLong()).orElse(0));
  }

  @Override
  public List<String> troubles() {
    List<String> troubles = follower.troubles();
    if (barrier.isAway() || !appender.isOpen()) {
      troubles.add("Kafka does not answer");
    }
    return troubles;
  }

  /// Takes nothing more, answers those whose commands are in the topic, and leaves the group, so
  /// that another node has the duties at once.
  @Override
  public void close() {
    closed = true;
    while (!opened.isEmpty()) {
      AutoCloseable part = opened.pop();
      try {
        part.close();
      } catch (Exception e) {
        log.error("{} did not close", part.getClass().getSimpleName(), e);
      }
    }
  }
}
