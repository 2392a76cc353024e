package dev.fanfare.journal.kafka;

import com.google.protobuf.ByteString;
import dev.fanfare.journal.Rounds;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Mark;
import dev.fanfare.schema.Tick;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/// Appends what keeps the cell's nodes in step: a tick when this node does not know the broker's
/// clock or has not measured it for 10 s, and, on the node that has the duties, marks: what its
/// hash was at an offset, every 10,000 entries or 60 s.
///
/// One thread, which looks twenty times a second.
final class Pulse implements AutoCloseable {
  private static final Duration LOOK_EVERY = Duration.ofMillis(50);
  private static final long TICK_AFTER_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long MARK_AFTER_NANOS = Duration.ofSeconds(60).toNanos();
  private static final long MARK_AFTER_ENTRIES = 10_000;

  /// Nobody waits for what this node handed over as long as that.
  private static final long FORGET_AFTER_NANOS = 2 * Append.PATIENCE.toNanos();

  /// Says nothing but that it was taken, and when.
  static final Command TICK = Command.newBuilder().setTick(Tick.getDefaultInstance()).build();

  private final Appender appender;
  private final Follower follower;
  private final BrokerClock clock;
  private final BooleanSupplier onDuty;
  private final LongSupplier nanoTime;
  private final Rounds rounds;
  private long markedNanos;
  private long markedOffset;

  Pulse(Appender appender, Follower follower, Follower.Parts parts, BooleanSupplier onDuty) {
    this.appender = appender;
    this.follower = follower;
    this.clock = parts.clock();
    this.nanoTime = parts.nanoTime();
    this.onDuty = onDuty;
    this.markedNanos = nanoTime.getAsLong();
    this.markedOffset = follower.progress().committed().offset();
    this.rounds = new Rounds("pulse", LOOK_EVERY, this::beat);
  }

  private void beat() {
    if (clock.isOlderThan(TICK_AFTER_NANOS, nanoTime.getAsLong())) {
      appender.mend();
      appender.tick(TICK);
    } else if (onDuty.getAsBoolean()) {
      mark();
    }
    follower.forgetBefore(nanoTime.getAsLong() - FORGET_AFTER_NANOS);
  }

  /// Appends a mark when it is time and there is something new to mark.
  private void mark() {
    Chain.Link link = follower.progress().committed();
    long fresh = link.offset() - markedOffset;
    boolean due = nanoTime.getAsLong() - markedNanos >= MARK_AFTER_NANOS && fresh > 1;
    if (due || fresh >= MARK_AFTER_ENTRIES) {
      markedNanos = nanoTime.getAsLong();
      markedOffset = link.offset();
      Mark mark =
          Mark.newBuilder()
              .setOffset(link.offset())
              .setHash(ByteString.copyFrom(link.hash()))
              .build();
      appender.append(Command.newBuilder().setMark(mark).build());
    }
  }

  @Override
  public void close() {
    rounds.close();
  }
}
