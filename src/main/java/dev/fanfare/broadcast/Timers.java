package dev.fanfare.broadcast;

import dev.fanfare.journal.Appends;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Rounds;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Expire;
import dev.fanfare.schema.Release;
import dev.fanfare.schema.StartDue;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Proposes what time brings: scheduled starts, later slices, ends of life. Apply decides by
/// journal time, so an early or repeated proposal does nothing.
///
/// One thread, which looks at the timeline ten times a second.
public final class Timers implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(100);

  private final Timeline timeline;
  private final Journal journal;
  private final LongSupplier time;
  private final Rounds rounds;

  /// @param time journal time of an entry that would be appended now, milliseconds since the epoch;
  ///   the wall clock would have a broadcast wait while it is behind
  public Timers(Timeline timeline, Journal journal, LongSupplier time) {
    this.timeline = timeline;
    this.journal = journal;
    this.time = time;
    this.rounds = new Rounds("timers", INTERVAL, this::proposeDue);
  }

  private void proposeDue() {
    if (!journal.onDuty()) {
      return;
    }
    long now = time.getAsLong();
    Appends proposed = new Appends(journal);
    for (LiveBroadcast broadcast : timeline.broadcasts()) {
      due(broadcast, now)
          .map(command -> command.setApp(broadcast.app()).build())
          .ifPresent(proposed::add);
    }
    proposed.await();
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
          Release.newBuilder().setBroadcast(number).setSlice(broadcast.notices().slices());
      return Optional.of(command.setRelease(slice));
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    rounds.close();
  }
}
