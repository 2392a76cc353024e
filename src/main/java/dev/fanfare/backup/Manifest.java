package dev.fanfare.backup;

import com.google.protobuf.TextFormat;
import dev.fanfare.app.Cell;
import dev.fanfare.journal.Position;
import dev.fanfare.journal.kafka.TopicPlace;
import dev.fanfare.schema.BackupFile;
import dev.fanfare.schema.BackupManifest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What one backup consists of, as the directory keeps it: protobuf's text format, in a file that
/// is named by its own SHA-256. It is written last; files without it are no backup.
record Manifest(BackupManifest schema) {
  /// What it names lies in the directory where it is looked for or restored, wherever the manifest
  /// comes from.
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  /// Reads what [#toBytes] wrote.
  ///
  /// @throws BackupException when it is something else
  static Manifest parse(byte[] bytes, Path file) {
    BackupManifest.Builder schema = BackupManifest.newBuilder();
    try {
      TextFormat.merge(new String(bytes, StandardCharsets.UTF_8), schema);
    } catch (TextFormat.ParseException e) {
      throw new BackupException(file + " is not a manifest of this version: " + e.getMessage(), e);
    }
    Manifest manifest = new Manifest(schema.build());
    for (BackupFile named : manifest.files()) {
      if (!NAME.matcher(named.getName()).matches()
          || !SHA256.matcher(named.getSha256()).matches()) {
        throw new BackupException(
            "%s is not a manifest of this version: no file can be \"%s\" (%s)"
                .formatted(file, named.getName(), named.getSha256()));
      }
    }
    return manifest;
  }

  byte[] toBytes() {
    return TextFormat.printer().printToString(schema).getBytes(StandardCharsets.UTF_8);
  }

  int number() {
    return schema.getNumber();
  }

  /// The last entry's offset.
  long offset() {
    return schema.getOffset();
  }

  /// Journal time of the last entry.
  long time() {
    return schema.getTime();
  }

  /// The last entry's position.
  Position position() {
    return history().position(offset());
  }

  /// Where that entry lies in a topic of Kafka; empty when the journal is embedded.
  Optional<TopicPlace> place() {
    return schema.hasTopic()
        ? Optional.of(new TopicPlace(schema.getTopic(), schema.getTopicOffset()))
        : Optional.empty();
  }

  /// Whether it was made of this store.
  boolean isOf(String store) {
    return schema.getStore().equals(store);
  }

  /// Everything that it needs.
  List<BackupFile> files() {
    List<BackupFile> files = new ArrayList<>(schema.getBaseList());
    if (schema.hasEntries()) {
      files.add(schema.getEntries());
    }
    return files;
  }

  long bytes() {
    return files().stream().mapToLong(BackupFile::getBytes).sum();
  }

  /// Whether its entries begin where another backup ends.
  boolean follows(Manifest other) {
    return schema.hasAfter() && other.number() == number() - 1;
  }

  /// Whether a position lies in the history that led to this backup.
  boolean knows(Position position) {
    return history().place(position, offset()) instanceof Cell.Place.Exact;
  }

  /// The epochs that led to it.
  Cell history() {
    return new Cell("", Cell.epochs(schema.getEpochsList()));
  }
}
