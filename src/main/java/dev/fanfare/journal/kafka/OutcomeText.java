package dev.fanfare.journal.kafka;

import dev.fanfare.journal.Outcome;
import java.util.stream.Collectors;

/// An outcome as the chain of hashes knows it: the same text for the same outcome on every node and
/// in every version.
final class OutcomeText {
  /// Of an entry that came after its deadline.
  static final String VOID = "void";

  private OutcomeText() {}

  static String of(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Done _ -> "done";
      case Outcome.Refused(var refusal) -> refusal.getClass().getSimpleName();
      case Outcome.Members(var refusals) ->
          refusals.stream()
              .map(refusal -> refusal.map(r -> r.getClass().getSimpleName()).orElse(""))
              .collect(Collectors.joining(",", "members ", ""));
      case Outcome.Started(String id, boolean repeated) ->
          (repeated ? "repeated " : "started ") + id;
    };
  }
}
