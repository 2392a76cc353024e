package dev.fanfare;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.Mint;
import dev.fanfare.backup.Backup;
import dev.fanfare.backup.BackupException;
import dev.fanfare.backup.Backups;
import dev.fanfare.backup.StoppedNode;
import dev.fanfare.store.RocksStore;
import dev.fanfare.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;

/// What `fanfare backup --stopped` does: a backup of a data directory that no server has open.
final class StoppedBackup {
  private static final long CACHE_BYTES = 8L << 20;

  private StoppedBackup() {}

  /// @throws ConfigException when there is no backup
  static ObjectNode make(Path data, Path directory, int keep) {
    if (!Files.isDirectory(data.resolve("store"))) {
      throw new ConfigException(data + " is no data directory");
    }
    Backups.Settings settings =
        new Backups.Settings(
            data, Clock.systemUTC(), new Mint(new SecureRandom()), Main.Version.number());
    try (DataDirectory stopped = DataDirectory.open(data);
        RocksStore store = RocksStore.open(stopped.store(), CACHE_BYTES)) {
      return write(new StoppedNode(store, settings).backUp(directory, keep));
    } catch (BackupException | StoreException e) {
      throw new ConfigException(Optional.ofNullable(e.getMessage()).orElse("there is no backup"));
    }
  }

  private static ObjectNode write(Backup.End end) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("state", "done")
        .put("position", end.position().toString())
        .put("time", end.time().toString())
        .put("bytes", end.bytes())
        .put("newBytes", end.newBytes());
  }
}
