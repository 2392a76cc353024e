package dev.fanfare.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The file whose lock a process holds as long as it has a data directory open.
public final class DirectoryLock {
  public static final String FILE = "lock";

  private DirectoryLock() {}

  /// Whether a process has a directory open. Changes nothing in it, and needs no more than to read
  /// it, as from a disk that takes no writes any more.
  public static boolean isHeld(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.tryLock(0, Long.MAX_VALUE, true) == null;
    } catch (OverlappingFileLockException e) {
      return true;
    }
  }
}
