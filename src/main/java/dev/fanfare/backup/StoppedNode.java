package dev.fanfare.backup;

import dev.fanfare.app.Cell;
import dev.fanfare.store.RocksStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;

/// A node that does not run, and whose data directory nobody else has open. Its backup holds
/// everything that it ever answered or delivered, to the very end.
///
/// @param store opened for writing, as the node itself would
public record StoppedNode(RocksStore store, Backups.Settings settings) {

  /// Adds a backup to a directory.
  ///
  /// @param keep how many of the newest backups stay in it; 0 for all
  /// @throws BackupException when it cannot be made
  public Backup.End backUp(Path directory, int keep) {
    if (settings.holds(directory)) {
      throw new BackupException(Backups.Settings.HELD);
    }
    Cell cell = Cell.load(store).orElseThrow(() -> new BackupException("the cell is empty"));
    try (DirectoryDestination destination = DirectoryDestination.open(directory, cell.id(), keep)) {
      Manifest made = new Copying(store, settings).to(destination);
      return new Backup.End(
          made.position(), Instant.ofEpochMilli(made.time()), made.bytes(), destination.added());
    } catch (IOException e) {
      throw new BackupException("there is no backup: " + e.getMessage(), e);
    }
  }
}
