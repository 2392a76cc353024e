package dev.fanfare.journal;

import dev.fanfare.schema.Command;
import java.util.List;

/// Puts commands into one durable order and answers what became of them.
///
/// Engines differ in where the order lives; `JournalContract` in the tests says what all of them
/// do.
public interface Journal extends AutoCloseable {

  /// Appends a command and blocks until it is durable and applied here.
  ///
  /// Meant for virtual threads; any number may call at once. Commands of one caller thread take
  /// effect in the order of its calls.
  ///
  /// @throws TryAgainException when the command was not taken and never will take effect
  /// @throws OutcomeUnknownException when it cannot be told in time whether it takes effect
  Outcome propose(Command command);

  /// The read barrier: blocks until reads here show everything that was acknowledged on any node
  /// before this call. Returns false when that cannot be told now, so that reads are local.
  boolean barrier();

  /// Whether this node is the one that proposes what time brings. Another one may think so too for
  /// a moment.
  boolean onDuty();

  /// Journal time of an entry that would be appended now, milliseconds since the epoch.
  long time();

  /// Why writes are refused at this moment; empty when they are taken.
  List<String> troubles();

  /// Appends a command and goes on at once, so that the next one can be made meanwhile. An engine
  /// that cannot do so waits here.
  ///
  /// @throws TryAgainException when the command was not taken and never will take effect
  default Pending append(Command command) {
    Outcome outcome = propose(command);
    return () -> outcome;
  }

  /// A command on its way.
  @FunctionalInterface
  interface Pending {
    /// Blocks until the command is durable and applied here.
    ///
    /// @throws TryAgainException when it never will take effect
    /// @throws OutcomeUnknownException when that cannot be told in time
    Outcome await();
  }

  /// Stops taking commands, answers those it took, and returns.
  @Override
  void close();
}
