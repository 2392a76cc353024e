package dev.fanfare.backup;

import dev.fanfare.schema.BackupFile;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The layout of a directory of backups, for whoever reads it.
///
/// - `cell`: the first epoch of the cell whose backups these are
/// - `files/SHA256`: contents of files, named by them
/// - `backup-NUMBER-SHA256`: a manifest, named by its contents
/// - `lock`: held while a backup is made
record BackupDirectory(Path path) {
  private static final Pattern MANIFEST = Pattern.compile("backup-([0-9]{6})-([0-9a-f]{64})");

  Path cell() {
    return path.resolve("cell");
  }

  Path files() {
    return path.resolve("files");
  }

  Path lock() {
    return path.resolve("lock");
  }

  Path file(BackupFile file) {
    return files().resolve(file.getSha256());
  }

  static String manifestName(int number, byte[] contents) {
    return "backup-%06d-%s".formatted(number, Hashing.of(contents));
  }

  /// What a file that holds a manifest is named by.
  static String sha256(Path manifestFile) {
    String name = name(manifestFile);
    return name.substring(name.lastIndexOf('-') + 1);
  }

  /// All backups that were finished, oldest first.
  ///
  /// @throws BackupException when a manifest is damaged
  List<Manifest> manifests() {
    List<Manifest> manifests = new ArrayList<>();
    for (Path file : manifestFiles()) {
      manifests.add(read(file));
    }
    return manifests;
  }

  /// The files that hold manifests, oldest first.
  List<Path> manifestFiles() {
    try (Stream<Path> entries = Files.list(path)) {
      return entries
          .filter(entry -> MANIFEST.matcher(name(entry)).matches())
          .sorted(Comparator.comparing(BackupDirectory::name))
          .toList();
    } catch (NoSuchFileException e) {
      throw new BackupException("there is no directory " + path, e);
    } catch (IOException e) {
      throw new BackupException("cannot read " + path + ": " + e.getMessage(), e);
    }
  }

  /// Reads a manifest and compares its name.
  Manifest read(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      Matcher name = MANIFEST.matcher(name(file));
      if (!name.matches() || !Hashing.of(bytes).equals(name.group(2))) {
        throw new BackupException(file + " is damaged: its SHA-256 is not the one in its name");
      }
      Manifest manifest = Manifest.parse(bytes, file);
      if (manifest.number() != Integer.parseInt(name.group(1))) {
        throw new BackupException(file + " was renamed: it is backup " + manifest.number());
      }
      return manifest;
    } catch (IOException e) {
      throw new BackupException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /// Copies a file of a backup and compares its contents with its name.
  void copy(BackupFile file, Path to) {
    Path from = file(file);
    try (FileChannel out =
        FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      String sha256 = Hashing.copy(from, Channels.newOutputStream(out));
      if (!sha256.equals(file.getSha256())) {
        throw damaged(file);
      }
      out.force(true);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /// Reads all of a file of a backup.
  ///
  /// @throws BackupException when it is absent or damaged
  void verify(BackupFile file) {
    try {
      if (!Hashing.of(file(file)).equals(file.getSha256())) {
        throw damaged(file);
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private BackupException damaged(BackupFile file) {
    return new BackupException(
        "%s (%s) is damaged: its SHA-256 is not its name".formatted(file(file), file.getName()));
  }

  private BackupException unreadable(BackupFile file, IOException cause) {
    String why = Files.exists(file(file)) ? "cannot be read: " + cause.getMessage() : "is missing";
    return new BackupException("%s (%s) %s".formatted(file(file), file.getName(), why), cause);
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }
}
