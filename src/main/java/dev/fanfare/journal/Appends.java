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
  /// @throws TryAgainException when one of them never will take effect
  /// @throws OutcomeUnknownException when that cannot be told in time
  public void add(Command command) {
    if (pending.size() == AT_ONCE) {
      await();
    }
    pending.add(journal.append(command));
  }

  /// Awaits all that was appended.
  ///
  /// @throws TryAgainException when one of them never will take effect
  /// @throws OutcomeUnknownException when that cannot be told in time
  public void await() {
    pending.forEach(Journal.Pending::await);
    pending.clear();
  }
}
