package dev.fanfare.broadcast;

import dev.fanfare.journal.Journal;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Expire;
import dev.fanfare.schema.Release;
import dev.fanfare.schema.StartDue;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Proposes what time brings: scheduled starts, later slices, ends of life. Apply decides by
/// journal time, so an early or repeated proposal does nothing.
///
/// One thread, which looks at the timeline ten times a second.
public final class Timers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Timers.class);
  private static final Duration INTERVAL = Duration.ofMillis(100);

  private final Timeline timeline;
  private final Journal journal;
  private final LongSupplier time;
  private final Thread thread;
  private volatile boolean closed;

  /// @param time journal time of an entry that would be appended now, milliseconds since the epoch;
  ///   the wall clock would have a broadcast wait while it is behind
  public Timers(Timeline timeline, Journal journal, LongSupplier time) {
    this.timeline = timeline;
    this.journal = journal;
    this.time = time;
    this.thread = Thread.ofPlatform().daemon().name("timers").start(this::run);
  }

  private void run() {
    while (!closed) {
      try {
        if (journal.onDuty()) {
          proposeDue();
        }
      } catch (TryAgainException | OutcomeUnknownException e) {
        log.debug("a timer's proposal was not taken: {}", e.getMessage());
      } catch (RuntimeException e) {
        log.error("a timer's proposal failed", e);
      }
      try {
        Thread.sleep(INTERVAL);
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  private void proposeDue() {
    long now = time.getAsLong();
    for (LiveBroadcast broadcast : timeline.broadcasts()) {
      due(broadcast, now)
          .ifPresent(command -> journal.propose(command.setApp(broadcast.app()).build()));
    }
  }

  /// What is due for a broadcast, if anything.
  static Optional<Command.Builder> due(LiveBroadcast broadcast, long now) {
    long number = broadcast.number();
    Command.Builder command = Command.newBuilder();
    boolean unfinished =
        broadcast.state() == BroadcastState.RUNNING || broadcast.state() == BroadcastState.PAUSED;
    if (broadcast.state() == BroadcastState.SCHEDULED) {
      return now >= broadcast.startAt()
          ? Optional.of(command.setStartDue(StartDue.newBuilder().setBroadcast(number)))
          : Optional.empty();
    }
    boolean ends = (broadcast.live() || unfinished) && now >= broadcast.endOfLife();
    if (ends || now > broadcast.lastRecall()) {
      return Optional.of(command.setExpire(Expire.newBuilder().setBroadcast(number)));
    }
    if (broadcast.state() == BroadcastState.RUNNING && now >= broadcast.nextDue()) {
      Release.Builder slice =
          Release.newBuilder().setBroadcast(number).setSlice(broadcast.nextSlice());
      return Optional.of(command.setRelease(slice));
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
