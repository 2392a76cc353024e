package dev.fanfare.history;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A call as far as it concerns one member.
///
/// @param began nanoseconds of one clock for all of a history
/// @param ended when it was answered; of one that was not, when it can take effect no more
public record Call(Asked asked, Result result, long began, long ended) {

  /// How a caller was answered.
  public enum Result {
    DONE,
    /// There is no such member.
    REFUSED,
    /// It takes effect before it ends, or never.
    UNKNOWN
  }

  public static Call unknown(Asked asked, long began, Duration bound) {
    return new Call(asked, Result.UNKNOWN, began, began + bound.toNanos());
  }

  /// The states that may follow a state by it; none when this cannot have been its answer.
  List<Optional<Profile>> after(Optional<Profile> before) {
    Optional<Profile> changed = asked.after(before);
    return switch (result) {
      case UNKNOWN -> changed.equals(before) ? List.of(before) : List.of(before, changed);
      case DONE, REFUSED ->
          asked.mayAnswer(result == Result.DONE, before) ? List.of(changed) : List.of();
    };
  }
}
