package dev.fanfare.backup;

import dev.fanfare.journal.Position;
import dev.fanfare.schema.BackupRecord;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A backup as its operator sees it.
///
/// @param directory empty when it was streamed
/// @param end null until it is done
/// @param failure why it is none; empty for other states
public record Backup(
    String id,
    State state,
    String directory,
    Instant started,
    @Nullable Instant ended,
    @Nullable End end,
    String failure) {

  /// How far it is.
  public enum State {
    RUNNING,
    DONE,
    FAILED
  }

  /// What a finished one holds: everything up to a position.
  ///
  /// @param time journal time of that position
  /// @param newBytes of `bytes`, what earlier backups of the directory did not have
  public record End(Position position, Instant time, long bytes, long newBytes) {}

  static Backup running(String id, String directory, Instant started) {
    return new Backup(id, State.RUNNING, directory, started, null, null, "");
  }

  static Backup of(BackupRecord noted, Position position) {
    var backup = noted.getBackup();
    return new Backup(
        backup.getId(),
        State.DONE,
        backup.getDirectory(),
        Instant.ofEpochMilli(backup.getStarted()),
        Instant.ofEpochMilli(noted.getNoted()),
        new End(
            position,
            Instant.ofEpochMilli(backup.getTime()),
            backup.getBytes(),
            backup.getNewBytes()),
        "");
  }

  Backup done(Manifest made, long newBytes, Instant at) {
    End end = new End(made.position(), Instant.ofEpochMilli(made.time()), made.bytes(), newBytes);
    return new Backup(id, State.DONE, directory, started, at, end, "");
  }

  Backup failed(String why, Instant at) {
    return new Backup(id, State.FAILED, directory, started, at, null, why);
  }
}
