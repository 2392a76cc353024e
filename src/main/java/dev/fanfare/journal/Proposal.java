package dev.fanfare.journal;

import dev.fanfare.schema.Command;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
      throw failure(e);
    }
  }

  /// Blocks for so long at most, and less when the thread is interrupted; empty when there was no
  /// answer.
  public Optional<Outcome> await(Duration patience) {
    try {
      return Optional.of(answer.get(patience.toNanos(), TimeUnit.NANOSECONDS));
    } catch (ExecutionException e) {
      throw failure(e);
    } catch (TimeoutException _) {
      return Optional.empty();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static RuntimeException failure(Exception e) {
    return e.getCause() instanceof RuntimeException failure
        ? failure
        : new IllegalStateException(e);
  }
}
