package dev.fanfare.journal;

import dev.fanfare.schema.Command;

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
  Outcome propose(Command command);

  /// Stops taking commands, answers those it took, and returns.
  @Override
  void close();
}
