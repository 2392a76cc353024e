package dev.fanfare.backup;

import dev.fanfare.app.Cell;
import dev.fanfare.journal.Stamp;
import dev.fanfare.journal.kafka.TopicPlace;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.BackupFile;
import dev.fanfare.schema.BackupManifest;
import dev.fanfare.store.Key;
import dev.fanfare.store.RocksStore;
import dev.fanfare.store.Table;
import dev.fanfare.store.TableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Makes one backup of a snapshot of the store, which nobody writes any more.
///
/// @param snapshot a directory that [RocksStore#snapshot] filled
/// @param scratch a directory for files that are gone after it
record Making(Path snapshot, Path scratch, Destination destination) {
  private static final String TABLE_FILE = ".sst";

  /// Who makes it.
  ///
  /// @param made when, for people
  /// @param store names what it is made of
  record Note(String made, String version, String store) {}

  /// Copies what the destination lacks and finishes the backup.
  ///
  /// @throws dev.fanfare.store.StoreException when a file of the store is damaged
  Manifest make(Note note) throws IOException {
    BackupManifest.Builder manifest =
        BackupManifest.newBuilder()
            .setMade(note.made())
            .setVersion(note.version())
            .setStore(note.store());
    Optional<Manifest> before = destination.latest();
    try (RocksStore store = RocksStore.openReadOnly(snapshot)) {
      describe(store, manifest);
      if (before.isPresent()) {
        addEntries(store, before.get(), manifest);
      }
    }
    manifest.setNumber(1 + before.map(Manifest::number).orElse(0));
    List<BackupFile> known =
        before.filter(other -> other.isOf(note.store())).map(Manifest::files).orElse(List.of());
    for (Path file : files()) {
      manifest.addBase(keep(file, known));
    }
    Manifest made = new Manifest(manifest.build());
    destination.finish(made);
    return made;
  }

  private static void describe(RocksStore store, BackupManifest.Builder manifest) {
    Cell cell = Cell.load(store).orElseThrow(() -> new BackupException("the cell is empty"));
    Stamp last = Replica.applied(store);
    manifest
        .setCell(cell.id())
        .addAllEpochs(cell.epochRecords())
        .setOffset(last.offset())
        .setTime(last.time());
    TopicPlace.of(store)
        .ifPresent(place -> manifest.setTopic(place.topic()).setTopicOffset(place.offset()));
  }

  /// Adds the entries since the backup before, if they follow it and are all there.
  private void addEntries(RocksStore store, Manifest before, BackupManifest.Builder manifest)
      throws IOException {
    long after = before.offset();
    long upTo = manifest.getOffset();
    boolean sameHistory = new Manifest(manifest.build()).knows(before.position());
    if (!sameHistory || !hasAll(store, after, upTo)) {
      return;
    }
    manifest.setAfter(after);
    if (after < upTo) {
      Path file = scratch.resolve("entries" + TABLE_FILE);
      TableFile.write(
          file,
          sink ->
              store.scan(
                  Table.JOURNAL,
                  Key.bytes(after + 1),
                  Key.bytes(upTo + 1),
                  (key, value) -> {
                    sink.put(key, value);
                    return true;
                  }));
      manifest.setEntries(destination.add(file.getFileName().toString(), file));
      Files.delete(file);
    }
  }

  /// Entries are dropped from the oldest on, so the first one tells of all.
  private static boolean hasAll(RocksStore store, long after, long upTo) {
    boolean[] found = {after == upTo};
    store.scan(
        Table.JOURNAL,
        Key.bytes(after + 1),
        Key.bytes(upTo + 1),
        (key, _) -> {
          found[0] = ByteBuffer.wrap(key).getLong() == after + 1;
          return false;
        });
    return found[0];
  }

  /// What the snapshot consists of.
  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(snapshot)) {
      return files.sorted().toList();
    }
  }

  private BackupFile keep(Path file, List<BackupFile> known) throws IOException {
    String name = file.getFileName().toString();
    long bytes = Files.size(file);
    String modified = Files.getLastModifiedTime(file).toString();
    Optional<BackupFile> same =
        known.stream()
            .filter(other ->
                other.getName().equals(name)
                    && other.getBytes() == bytes
                    && other.getModified().equals(modified))
            .filter(destination::has)
            .findFirst();
    if (same.isPresent()) {
      return same.get();
    }
    if (name.endsWith(TABLE_FILE)) {
      TableFile.verify(file);
    }
    return destination.add(name, file);
  }
}
