package dev.fanfare.backup;

import dev.fanfare.app.Cell;
import dev.fanfare.app.Mint;
import dev.fanfare.journal.kafka.NewNode;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.BackupFile;
import dev.fanfare.schema.BeginFromBackup;
import dev.fanfare.store.RocksStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The state that a new node on Kafka begins from: the newest backup that the topic leads on from,
/// else the one that the cell began from, else none.
///
/// A damaged backup of the topic's own history is skipped with a warning, because from an older one
/// the node comes to the same state. One that the cell would begin from is never passed over for an
/// older one: that would lose history, and ends the start.
///
/// @param backups the directory that all nodes share
public record FirstState(Path backups, Mint mint) {
  private static final Logger log = LoggerFactory.getLogger(FirstState.class);
  private static final long CACHE_BYTES = 8L << 20;

  /// Fills a directory, which has to be empty, with a store. Leaves it empty when the node has to
  /// follow the topic from its first entry.
  ///
  /// @throws BackupException when the node cannot begin
  public void into(Path directory, NewNode node) {
    BackupDirectory from = new BackupDirectory(backups);
    if (node.isFirst()) {
      from.manifestFiles().reversed().stream()
          .findFirst()
          .ifPresent(newest -> node.begin(entry(from, newest)));
    }
    if (takeNewest(from, directory, node)) {
      return;
    }
    Optional<BeginFromBackup> beginning = node.beginning();
    if (beginning.isPresent()) {
      takeNamed(from, directory, node, beginning.get());
    } else if (!node.hasFirstEntry()) {
      throw new BackupException(
          "the topic no longer has its first entries, and no backup in %s is whole and reaches those"
                  .formatted(backups)
              + " that it has");
    }
  }

  private BeginFromBackup entry(BackupDirectory from, Path file) {
    Manifest backup = from.read(file);
    backup.schema().getBaseList().forEach(from::verify);
    log.info("the cell goes on from the backup of {} in {}", backup.position(), backups);
    return BeginFromBackup.newBuilder()
        .setBackup(BackupDirectory.sha256(file))
        .setOffset(backup.offset())
        .setCloses(backup.position().epoch())
        .setEpoch(backup.history().nextEpoch(mint))
        .build();
  }

  /// Takes the newest backup that the topic leads on from and that is whole.
  private boolean takeNewest(BackupDirectory from, Path directory, NewNode node) {
    for (Path file : from.manifestFiles().reversed()) {
      try {
        Manifest backup = from.read(file);
        if (backup.place().filter(node::leadsOnFrom).isPresent()) {
          copy(from, backup, directory);
          log.info("this node begins from the backup of {} in {}", backup.position(), backups);
          return true;
        }
      } catch (BackupException e) {
        log.warn("a backup is skipped: {}", e.getMessage());
        clear(directory);
      }
    }
    return false;
  }

  private void takeNamed(
      BackupDirectory from, Path directory, NewNode node, BeginFromBackup beginning) {
    Manifest backup =
        from.manifestFiles().stream()
            .filter(file -> BackupDirectory.sha256(file).equals(beginning.getBackup()))
            .findFirst()
            .map(from::read)
            .orElseThrow(() ->
                new BackupException(
                    "the cell began from the backup %s, which is not in %s"
                        .formatted(beginning.getBackup(), backups)));
    copy(from, backup, directory);
    try (RocksStore store = RocksStore.open(directory, CACHE_BYTES)) {
      node.standBeforeFirst(store, backup.offset());
    }
    log.info("this node begins from the backup of {}, as the cell did", backup.position());
  }

  private static void copy(BackupDirectory from, Manifest backup, Path directory) {
    for (BackupFile file : backup.schema().getBaseList()) {
      from.copy(file, directory.resolve(file.getName()));
    }
    try (RocksStore store = RocksStore.openReadOnly(directory)) {
      boolean same =
          Replica.applied(store).offset() == backup.offset()
              && Cell.load(store)
                  .filter(cell -> cell.id().equals(backup.history().id()))
                  .isPresent();
      if (!same) {
        throw new BackupException("the base of backup " + backup.number() + " is another one");
      }
    }
  }

  private static void clear(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
