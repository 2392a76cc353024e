package dev.fanfare.journal.kafka;

import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.Proposal;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.schema.Command;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/// A command on its way into the topic and back.
///
/// It waits for so long and no longer, with or without a caller. If the command was not handed to
/// Kafka by then, it never will be; if it was, nobody can tell yet what becomes of it. Which of the
/// two is decided once, by whoever is first: the appender that takes it, or the caller who gives it
/// up.
final class Append extends Proposal {
  /// How long a caller waits, and how long after its call a command may be stamped.
  static final Duration PATIENCE = Duration.ofMillis(2_500);

  private enum Fate {
    WAITING,
    HANDED_OVER,
    GIVEN_UP
  }

  private final long sequence;
  private final long acceptedNanos;
  private final AtomicReference<Fate> fate = new AtomicReference<>(Fate.WAITING);
  private boolean tooLate;

  Append(Command command, long sequence, long acceptedNanos) {
    super(command);
    this.sequence = sequence;
    this.acceptedNanos = acceptedNanos;
  }

  long sequence() {
    return sequence;
  }

  /// When the call came, by the node's monotonic clock.
  long acceptedNanos() {
    return acceptedNanos;
  }

  /// Takes it to hand it to Kafka; false when its caller has gone.
  boolean handOver() {
    return fate.compareAndSet(Fate.WAITING, Fate.HANDED_OVER);
  }

  /// Notes that it came into the topic after its deadline. The applier's thread.
  void voided() {
    tooLate = true;
  }

  @Override
  public void committed() {
    if (tooLate) {
      failed(new TryAgainException("Kafka took the command too late"));
    } else {
      super.committed();
    }
  }

  /// Whether it is too late to hand it over.
  boolean isTooOld(long nowNanos) {
    return nowNanos - acceptedNanos >= PATIENCE.toNanos();
  }

  /// Blocks until the command is applied here, for [#PATIENCE] after the call at most.
  ///
  /// @throws TryAgainException when it never takes effect
  /// @throws OutcomeUnknownException when that cannot be told
  Outcome awaitAt(long nowNanos) {
    Duration left = PATIENCE.minusNanos(nowNanos - acceptedNanos);
    return await(left)
        .orElseThrow(() ->
            fate.compareAndSet(Fate.WAITING, Fate.GIVEN_UP)
                ? new TryAgainException("Kafka takes nothing now")
                : new OutcomeUnknownException("Kafka did not say in time whether it took it"));
  }
}
