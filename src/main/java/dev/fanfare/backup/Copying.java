package dev.fanfare.backup;

import dev.fanfare.store.RocksStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes one backup of a store: takes a snapshot beside it, and copies that. One thread.
record Copying(RocksStore store, Backups.Settings settings) {
  private static final Logger log = LoggerFactory.getLogger(Copying.class);
  private static final int ID_CHARACTERS = 16;

  Manifest to(Destination destination) throws IOException {
    clear();
    try {
      Path scratch = settings.scratch();
      Directories.createPrivate(scratch);
      Path snapshot = scratch.resolve("snapshot");
      store.copyInto(snapshot);
      Making.Note note =
          new Making.Note(settings.clock().instant().toString(), settings.version(), storeId());
      return new Making(snapshot, scratch, destination).make(note);
    } finally {
      clear();
    }
  }

  /// Names the store among those whose backups share a directory, for as long as its directory
  /// lives.
  private String storeId() throws IOException {
    Path file = settings.data().resolve("store-id");
    if (!Files.exists(file)) {
      Files.writeString(file, settings.mint().text(ID_CHARACTERS) + "\n");
    }
    return Files.readString(file).strip();
  }

  /// Removes what a process left that was killed.
  void clear() {
    try {
      Directories.delete(settings.scratch());
    } catch (IOException e) {
      log.warn("cannot remove {}: {}", settings.scratch(), e.getMessage());
    }
  }
}
