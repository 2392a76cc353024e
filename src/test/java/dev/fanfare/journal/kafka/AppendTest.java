package dev.fanfare.journal.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.schema.Command;
import org.junit.jupiter.api.Test;

/// What a caller is told when its time is over.
final class AppendTest {
  private static final long OVER = Append.PATIENCE.toNanos() + 1;

  private final Append append = new Append(Command.getDefaultInstance(), 1, 0);

  @Test
  void what_was_not_handed_over_may_be_tried_again_and_never_is_handed_over() {
    assertThatThrownBy(() -> append.awaitAt(OVER)).isInstanceOf(TryAgainException.class);
    assertThat(append.handOver()).isFalse();
  }

  @Test
  void of_what_was_handed_over_the_outcome_is_unknown() {
    assertThat(append.handOver()).isTrue();
    assertThatThrownBy(() -> append.awaitAt(OVER)).isInstanceOf(OutcomeUnknownException.class);
  }

  @Test
  void what_was_applied_is_answered_even_after_the_time_is_over() {
    append.applied(new Outcome.Done());
    append.committed();
    assertThat(append.awaitAt(OVER)).isEqualTo(new Outcome.Done());
  }

  @Test
  void a_void_entry_may_be_tried_again() {
    append.voided();
    append.applied(new Outcome.Done());
    append.committed();
    assertThatThrownBy(() -> append.awaitAt(0)).isInstanceOf(TryAgainException.class);
  }

  @Test
  void records_in_flight_have_room_until_they_stall() throws Exception {
    InFlight inFlight = new InFlight();
    assertThat(inFlight.isStalled(OVER)).isFalse();
    inFlight.enter((int) InFlight.MAX_BYTES, 0);
    assertThat(inFlight.isStalled(1)).isFalse();
    assertThat(inFlight.isStalled(OVER)).isTrue();
    Thread waiting = Thread.startVirtualThread(() -> inFlight.awaitRoom(1));
    waiting.join(50);
    assertThat(waiting.isAlive()).isTrue();
    inFlight.leave((int) InFlight.MAX_BYTES);
    waiting.join();
    assertThat(inFlight.isStalled(OVER)).isFalse();
  }
}
