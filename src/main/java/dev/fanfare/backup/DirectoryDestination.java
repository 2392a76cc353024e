package dev.fanfare.backup;

import dev.fanfare.schema.BackupFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Adds a backup to a directory, which belongs to one process at a time.
///
/// Everything is written under another name, synced and renamed, the manifest last. So a backup
/// that was cut off leaves drafts and contents that no manifest names: the next one goes on with
/// them, and removes what is left over once it is complete.
final class DirectoryDestination implements Destination {
  private static final int BACKUPS_AT_MOST = 10_000;
  private static final String DRAFT = ".draft";

  private final BackupDirectory directory;
  private final FileChannel lock;
  private final List<Manifest> earlier;
  private final int keep;
  private long added;

  private DirectoryDestination(
      BackupDirectory directory, FileChannel lock, List<Manifest> earlier, int keep) {
    this.directory = directory;
    this.lock = lock;
    this.earlier = earlier;
    this.keep = keep;
  }

  /// Opens a directory, or makes one, for a backup of a cell.
  ///
  /// @param keep how many of the newest backups stay, this one among them; 0 for all
  /// @throws BackupException when it holds something else, is damaged, or is in use
  static DirectoryDestination open(Path path, String cell, int keep) {
    BackupDirectory directory = new BackupDirectory(path);
    try {
      prepare(directory, cell);
      FileChannel lock =
          FileChannel.open(directory.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        if (tryLock(lock) == null) {
          throw new BackupException("another process makes a backup in " + path);
        }
        List<Manifest> earlier = directory.manifests();
        if (keep == 0 && earlier.size() >= BACKUPS_AT_MOST) {
          throw new BackupException(
              path + " has " + BACKUPS_AT_MOST + " backups: say how many to keep");
        }
        return new DirectoryDestination(directory, lock, earlier, keep);
      } catch (RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new BackupException("cannot use " + path + ": " + e, e);
    }
  }

  private static void prepare(BackupDirectory directory, String cell) throws IOException {
    Path path = directory.path();
    if (!Files.exists(path)) {
      Directories.createPrivate(path);
    }
    if (Files.exists(directory.cell())) {
      String other = Files.readString(directory.cell()).strip();
      if (!other.equals(cell)) {
        throw new BackupException(path + " has backups of another cell, " + other);
      }
    } else {
      try (Stream<Path> entries = Files.list(path)) {
        if (entries.anyMatch(entry -> !isDraft(entry))) {
          throw new BackupException(path + " is not empty and has no backups of this cell");
        }
      }
      write(directory.cell(), (cell + "\n").getBytes(StandardCharsets.UTF_8));
      sync(path);
    }
    Files.createDirectories(directory.files());
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  @Override
  public Optional<Manifest> latest() {
    return earlier.isEmpty() ? Optional.empty() : Optional.of(earlier.getLast());
  }

  @Override
  public boolean has(BackupFile file) {
    try {
      return Files.size(directory.file(file)) == file.getBytes();
    } catch (IOException _) {
      return false;
    }
  }

  @Override
  public BackupFile add(String name, Path file) throws IOException {
    String modified = Files.getLastModifiedTime(file).toString();
    Path draft = directory.files().resolve(name + DRAFT);
    String sha256;
    long bytes;
    try (FileChannel out = create(draft)) {
      sha256 = Hashing.copy(file, Channels.newOutputStream(out));
      bytes = out.size();
      out.force(true);
    }
    BackupFile stored =
        BackupFile.newBuilder()
            .setName(name)
            .setBytes(bytes)
            .setSha256(sha256)
            .setModified(modified)
            .build();
    added += has(stored) ? 0 : bytes;
    Files.move(draft, directory.file(stored), StandardCopyOption.ATOMIC_MOVE);
    return stored;
  }

  @Override
  public void finish(Manifest manifest) throws IOException {
    sync(directory.files());
    byte[] bytes = manifest.toBytes();
    write(directory.path().resolve(BackupDirectory.manifestName(manifest.number(), bytes)), bytes);
    sync(directory.path());
    forget(manifest);
  }

  /// Removes the oldest backups, and contents that no backup needs.
  private void forget(Manifest newest) throws IOException {
    int drop = keep == 0 ? 0 : Math.max(0, earlier.size() + 1 - keep);
    for (Path old : directory.manifestFiles().subList(0, drop)) {
      Files.delete(old);
    }
    sync(directory.path());
    Set<String> needed = new HashSet<>();
    Stream.concat(earlier.stream().skip(drop), Stream.of(newest))
        .flatMap(manifest -> manifest.files().stream())
        .forEach(file -> needed.add(file.getSha256()));
    remove(directory.files(), file -> !needed.contains(file.getFileName().toString()));
    remove(directory.path(), DirectoryDestination::isDraft);
  }

  private static void remove(Path directory, Predicate<Path> which) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(which).toList()) {
        Files.delete(file);
      }
    }
  }

  private static boolean isDraft(Path file) {
    return file.getFileName().toString().endsWith(DRAFT);
  }

  @Override
  public long added() {
    return added;
  }

  /// Creates a file anew that only its owner may read: what it will hold are secrets too.
  private static FileChannel create(Path file) throws IOException {
    Files.deleteIfExists(file);
    return FileChannel.open(
        file,
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        Directories.privateFile(file));
  }

  /// Writes a small file that is there wholly or not at all.
  private static void write(Path file, byte[] bytes) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + DRAFT);
    try (FileChannel out = create(draft)) {
      Channels.newOutputStream(out).write(bytes);
      out.force(true);
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /// Makes renames and new names in a directory durable.
  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot leave " + directory.path(), e);
    }
  }
}
