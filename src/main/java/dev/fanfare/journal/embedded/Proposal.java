package dev.fanfare.journal.embedded;

import dev.fanfare.journal.Outcome;
import dev.fanfare.schema.Command;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// One command on its way through the applier, and the caller that waits for it.
final class Proposal {
  private final Command command;
  private final int bytes;
  private final CompletableFuture<Outcome> answer = new CompletableFuture<>();
  private @Nullable Outcome outcome;

  Proposal(Command command) {
    this.command = command;
    this.bytes = command.getSerializedSize();
  }

  Command command() {
    return command;
  }

  int bytes() {
    return bytes;
  }

  /// Keeps what apply said until the group is durable.
  void applied(Outcome result) {
    outcome = result;
  }

  /// Answers the caller with what apply said.
  void committed() {
    if (outcome == null) {
      throw new IllegalStateException("committed before it was applied");
    }
    answer.complete(outcome);
  }

  void failed(RuntimeException failure) {
    answer.completeExceptionally(failure);
  }

  /// Blocks until the command is durable or refused by the engine.
  Outcome await() {
    try {
      return answer.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }
}
