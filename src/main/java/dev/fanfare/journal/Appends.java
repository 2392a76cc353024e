package dev.fanfare.journal;

import dev.fanfare.schema.Command;
import java.util.ArrayList;
import java.util.List;

/// What one round of background work proposes: appended one behind the other and awaited by the
/// hundred, so that many entries cost few round trips. Owned by one thread.
public final class Appends {
  private static final int AT_ONCE = 100;

  private final Journal journal;
  private final List<Journal.Pending> pending = new ArrayList<>();

  public Appends(Journal journal) {
    this.journal = journal;
  }

  /// Appends a command; may await earlier ones.
  ///
  /// @throws TryAgainException when this one was not taken or one of the others never takes effect
  /// @throws OutcomeUnknownException when that of one of the others cannot be told in time
  public void add(Command command) {
    if (pending.size() == AT_ONCE) {
      await();
    }
    pending.add(journal.append(command));
  }

  /// Awaits all that was appended, and then throws what the first that failed threw.
  ///
  /// @throws TryAgainException when it never will take effect
  /// @throws OutcomeUnknownException when that cannot be told in time
  public void await() {
    RuntimeException failure = null;
    for (Journal.Pending each : pending) {
      try {
        each.await();
      } catch (TryAgainException | OutcomeUnknownException e) {
        failure = failure == null ? e : failure;
      }
    }
    pending.clear();
    if (failure != null) {
      throw failure;
    }
  }
}
