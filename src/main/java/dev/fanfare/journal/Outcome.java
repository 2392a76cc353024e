package dev.fanfare.journal;

import java.util.List;
import java.util.Optional;

/// What became of a command that is durably in the journal.
public sealed interface Outcome {

  /// It took effect.
  record Done() implements Outcome {}

  /// It changed nothing.
  record Refused(Refusal refusal) implements Outcome {}

  /// A change of members: for each of them, in order, the refusal if that one was refused.
  record Members(List<Optional<Refusal>> refusals) implements Outcome {
    public Members {
      refusals = List.copyOf(refusals);
    }
  }

  /// A broadcast was accepted. `repeated` says that this send repeats an earlier one, whose id this
  /// is.
  record Started(String broadcastId, boolean repeated) implements Outcome {}
}
