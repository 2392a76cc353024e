package dev.fanfare.backup;

import dev.fanfare.schema.BackupFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Where a backup goes. One thread; a backup that was not finished is none.
interface Destination extends AutoCloseable {

  /// The backup before, if there is one.
  Optional<Manifest> latest();

  /// Whether it still has the contents of a file that the backup before had.
  boolean has(BackupFile file);

  /// Takes the contents of a file.
  ///
  /// @param name what the file is called in the store
  BackupFile add(String name, Path file) throws IOException;

  /// Makes what was added a backup.
  void finish(Manifest manifest) throws IOException;

  /// How many bytes were added that were not there before.
  long added();

  @Override
  void close();
}
