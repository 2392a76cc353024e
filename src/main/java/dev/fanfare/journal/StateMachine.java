package dev.fanfare.journal;

import dev.fanfare.schema.Command;
import dev.fanfare.store.Batch;

/// The state that follows from the journal, as an engine drives it.
///
/// One thread, the engine's applier, calls everything here. It works in groups: [#begin], any
/// number of [#apply], [#seal], then the engine makes the batch durable and calls [#committed], or
/// drops the batch and calls [#rebuild].
public interface StateMachine {

  /// The stamp of the last entry that was committed; offset 0 and time 0 on an empty journal.
  Stamp applied();

  /// Whether applying this command reads what only committed entries show (the index, scans), so
  /// that the group before it has to be committed first. Depends on the command alone, so that
  /// group borders never change an outcome.
  boolean readsCommitted(Command command);

  /// Starts a group.
  Batch begin();

  /// Applies one entry into the group's batch. Depends on the entry and the state alone.
  ///
  /// @throws UnknownEntryException when this version does not know the command
  Outcome apply(Stamp stamp, Command command);

  /// Adds to the batch what has to be stored with the group.
  void seal();

  /// The batch is durable: play it into memory and show it to readers.
  void committed();

  /// The batch may or may not be durable: forget all memory and read it from the store again.
  void rebuild();
}
