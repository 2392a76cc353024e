package dev.fanfare.doctor;

import dev.fanfare.backup.BackupException;
import dev.fanfare.backup.Backups;
import dev.fanfare.journal.UnknownEntryException;
import dev.fanfare.replica.Replica;
import dev.fanfare.store.DirectoryLock;
import dev.fanfare.store.RocksStore;
import dev.fanfare.store.Store;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.TableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What is wrong with a data directory or a directory of backups, found without changing it: every
/// byte is read and compared with its checksums.
///
/// @param directory either of the two
public record Examination(Path directory, Machine machine) {
  private static final long LEAST_FILES = 10_000;
  private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(60);

  /// Where the directory is served.
  ///
  /// @param maxFiles how many files a process may open
  /// @param freeBytes what the directory's file system has left
  public record Machine(Clock clock, long maxFiles, FreeBytes freeBytes) {}

  /// Asks a file system for its free space.
  @FunctionalInterface
  public interface FreeBytes {
    long of(Path path) throws IOException;
  }

  /// What is wrong, a line each, with what to do; empty when nothing is.
  public List<String> findings() {
    List<String> findings = new ArrayList<>();
    try {
      if (Backups.isDirectory(directory)) {
        findings.addAll(Backups.examine(directory));
      } else if (Files.isDirectory(directory.resolve("store"))) {
        examineData(findings);
      } else if (Files.exists(directory.resolve("store.restoring"))) {
        findings.add("a restore into it was cut off: remove it and restore again");
      } else {
        findings.add("it is neither a data directory nor a directory of backups: name another one");
        return findings;
      }
      examineMachine(findings);
    } catch (IOException e) {
      findings.add(
          "it cannot be read (" + e.getMessage() + "): look at the disk and at permissions");
    } catch (BackupException e) {
      findings.add(e.getMessage() + ": make a new backup elsewhere");
    }
    return findings;
  }

  private void examineMachine(List<String> findings) throws IOException {
    long free = machine.freeBytes().of(directory);
    if (free < Store.MIN_FREE_BYTES) {
      findings.add(
          ("the disk has %d MB left, and a server refuses writes below min-free-space (%d MB unless"
                  + " it is set): free some space")
              .formatted(free >> 20, Store.MIN_FREE_BYTES >> 20));
    }
    if (machine.maxFiles() < LEAST_FILES) {
      findings.add(
          "a process may open %d files, and each device needs one: raise the limit (ulimit -n)"
              .formatted(machine.maxFiles()));
    }
  }

  private void examineData(List<String> findings) throws IOException {
    if (DirectoryLock.isHeld(directory)) {
      findings.add("a server uses it: ask that one (fanfare doctor), or stop it first");
      return;
    }
    for (Path table : tables()) {
      try {
        TableFile.verify(table);
      } catch (StoreException e) {
        findings.add(e.getMessage() + ": restore the last backup");
      }
    }
    if (findings.isEmpty()) {
      examineStore(findings);
    }
  }

  /// Reads what the tables are held together by: the list of files and the write-ahead log.
  private void examineStore(List<String> findings) {
    try (RocksStore store = RocksStore.openReadOnly(directory.resolve("store"))) {
      Replica.requireKnownLevel(store);
      Instant last = Instant.ofEpochMilli(Replica.applied(store).time());
      Instant now = machine.clock().instant();
      if (last.isAfter(now.plus(CLOCK_TOLERANCE))) {
        findings.add(
            "the last entry is of %s and the clock says %s: set the clock right"
                .formatted(last, now));
      }
    } catch (StoreException e) {
      findings.add(e.getMessage() + ": restore the last backup");
    } catch (UnknownEntryException e) {
      findings.add(e.getMessage() + ": start a newer version");
    }
  }

  private List<Path> tables() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("store"))) {
      return files.filter(file -> file.toString().endsWith(".sst")).sorted().toList();
    }
  }
}
