package dev.fanfare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fanfare.backup.Directories;
import dev.fanfare.store.DirectoryLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The directory that holds everything of a node, locked while it is open.
final class DataDirectory implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path path;
  private final FileChannel lock;

  private DataDirectory(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /// Where the store lies. It holds every secret, so only the owner may look into it.
  Path store() {
    return path.resolve("store");
  }

  /// Where a store lies that is being restored.
  Path restoring() {
    return path.resolve("store.restoring");
  }

  /// Where the first store of a new node lies while it is copied.
  private Path loading() {
    return path.resolve("store.loading");
  }

  /// Has another store filled in place of one without a state. It is there wholly or not at all,
  /// and what is left empty is none.
  void fill(Consumer<Path> filling) {
    try {
      Directories.delete(loading());
      Directories.createPrivate(loading());
      filling.accept(loading());
      if (isEmpty(loading())) {
        Files.delete(loading());
      } else {
        Directories.delete(store());
        become(loading());
      }
    } catch (IOException e) {
      throw new ConfigException("cannot fill " + store() + ": " + e.getMessage());
    }
  }

  /// Creates the directory if need be and locks it.
  ///
  /// @throws ConfigException when another process has it
  static DataDirectory open(Path path) {
    try {
      DataDirectory directory = lock(path);
      if (Files.exists(directory.restoring())) {
        directory.close();
        throw new ConfigException(
            "the restore into " + path + " was cut off: remove the directory and restore again");
      }
      Directories.createPrivate(directory.store());
      Files.deleteIfExists(directory.ready());
      return directory;
    } catch (IOException e) {
      throw new ConfigException("cannot use the data directory " + path + ": " + e.getMessage());
    }
  }

  /// Creates a directory for a restore, or takes an empty one, and locks it. It becomes a data
  /// directory by [#restored].
  ///
  /// @throws ConfigException when there is something in it
  static DataDirectory openEmpty(Path path) {
    try {
      if (Files.exists(path) && !isEmpty(path)) {
        throw new ConfigException(path + " is not empty");
      }
      DataDirectory directory = lock(path);
      Directories.createPrivate(directory.restoring());
      return directory;
    } catch (IOException e) {
      throw new ConfigException("cannot use the directory " + path + ": " + e.getMessage());
    }
  }

  private static boolean isEmpty(Path path) throws IOException {
    try (Stream<Path> entries = Files.list(path)) {
      return entries.findAny().isEmpty();
    }
  }

  /// Takes the store that was restored.
  void restored() {
    try {
      become(restoring());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot complete " + path, e);
    }
  }

  /// Makes a directory the store, durably.
  private void become(Path filled) throws IOException {
    Files.move(filled, store(), StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel directory = FileChannel.open(path, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  private static DataDirectory lock(Path path) throws IOException {
    Files.createDirectories(path);
    FileChannel channel =
        FileChannel.open(
            path.resolve(DirectoryLock.FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (tryLock(channel) == null) {
      channel.close();
      throw new ConfigException("another process uses the data directory " + path);
    }
    return new DataDirectory(path, channel);
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  Path path() {
    return path;
  }

  Path credentials() {
    return path.resolve("credentials.json");
  }

  Path ready() {
    return path.resolve("ready.json");
  }

  /// Writes a file that only its owner may read. A reader sees all of it or nothing.
  void writePrivate(Path file, JsonNode json) {
    try {
      Path draft =
          Files.createTempFile(
              path, file.getFileName().toString(), ".draft", Directories.privateFile(path));
      Files.write(draft, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(ready());
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot leave the data directory " + path, e);
    }
  }
}
