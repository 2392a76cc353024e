package dev.fanfare.journal;

import dev.fanfare.schema.Command;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// One command on its way through an engine, and the caller that waits for it.
public class Proposal implements Journal.Pending {
  private final Command command;
  private final int bytes;
  private final CompletableFuture<Outcome> answer = new CompletableFuture<>();
  private @Nullable Outcome outcome;

  public Proposal(Command command) {
    this.command = command;
    this.bytes = command.getSerializedSize();
  }

  public Command command() {
    return command;
  }

  /// Size of the command as it is stored.
  public int bytes() {
    return bytes;
  }

  /// Keeps what apply said until the group is durable. The applier's thread.
  public void applied(Outcome result) {
    outcome = result;
  }

  /// Answers the caller with what apply said.
  public void committed() {
    if (outcome == null) {
      throw new IllegalStateException("committed before it was applied");
    }
    answer.complete(outcome);
  }

  /// Answers the caller with a failure of the engine.
  public void failed(RuntimeException failure) {
    answer.completeExceptionally(failure);
  }

  /// Blocks until the command is durable or refused by the engine.
  @Override
  public Outcome await() {
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
