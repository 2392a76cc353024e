package dev.fanfare.api;

import dev.fanfare.journal.Outcome;

/// What became of commands that are either done or refused.
final class Outcomes {
  private Outcomes() {}

  /// Ends the request when the journal refused the command.
  static void require(Outcome outcome) {
    switch (outcome) {
      case Outcome.Done _ -> {
        // Nothing to tell.
      }
      case Outcome.Refused(var refusal) -> throw Problem.of(refusal).raise();
      case Outcome.Members _, Outcome.Started _ ->
          throw new IllegalStateException("not an outcome of this command");
    }
  }
}
