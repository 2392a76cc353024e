package dev.fanfare.app;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.BackupRecord;
import dev.fanfare.schema.BackupsRecord;
import dev.fanfare.schema.BeginFromBackup;
import dev.fanfare.schema.CellRecord;
import dev.fanfare.schema.EpochRecord;
import dev.fanfare.schema.NoteBackup;
import dev.fanfare.schema.OpenEpoch;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Applies the commands that concern the history of the whole cell, in one group's batch. Owned by
/// the applier's thread.
public final class CellCommands {
  private static final byte[] BACKUPS = Key.bytes("backups");
  private static final int BACKUPS_KEPT = 100;

  private final Batch batch;
  private boolean changed;

  public CellCommands(Batch batch) {
    this.batch = batch;
  }

  /// Whether a command of this group changed the cell's record.
  public boolean changed() {
    return changed;
  }

  /// Begins an epoch with this entry; the one before it ends with the entry before.
  public Outcome open(Stamp stamp, OpenEpoch command) {
    return open(stamp, cell(), command.getId());
  }

  /// Begins an epoch with the first entry of a topic, on the state of the backup that it names. Of
  /// several nodes that begin a topic only one is first; the others change nothing.
  public Outcome begin(Stamp stamp, BeginFromBackup command) {
    CellRecord cell = cell();
    boolean first =
        stamp.offset() == command.getOffset() + 1
            && cell.getEpochs(cell.getEpochsCount() - 1).getId().equals(command.getCloses());
    return first
        ? open(stamp, cell, command.getEpoch())
        : new Outcome.Refused(new Refusal.AlreadyExists("cell"));
  }

  private CellRecord cell() {
    byte[] stored = batch.get(Table.META, AppCommands.CELL);
    if (stored == null) {
      throw new IllegalStateException("the cell was not bootstrapped");
    }
    return Cell.parse(stored);
  }

  private Outcome open(Stamp stamp, CellRecord cell, String id) {
    if (cell.getEpochsList().stream().anyMatch(known -> known.getId().equals(id))) {
      return new Outcome.Refused(new Refusal.AlreadyExists("epoch"));
    }
    EpochRecord epoch = EpochRecord.newBuilder().setId(id).setFirstOffset(stamp.offset()).build();
    batch.put(
        Table.META, AppCommands.CELL, cell.toBuilder().addEpochs(epoch).build().toByteArray());
    changed = true;
    return new Outcome.Done();
  }

  /// Keeps that a backup was made.
  public Outcome note(Stamp stamp, NoteBackup command) {
    BackupsRecord.Builder backups = parse(batch.get(Table.META, BACKUPS)).toBuilder();
    backups.addBackups(BackupRecord.newBuilder().setBackup(command).setNoted(stamp.time()));
    while (backups.getBackupsCount() > BACKUPS_KEPT) {
      backups.removeBackups(0);
    }
    batch.put(Table.META, BACKUPS, backups.build().toByteArray());
    return new Outcome.Done();
  }

  /// The latest backups that were noted and committed, oldest first.
  public static List<BackupRecord> backups(Store store) {
    return parse(store.get(Table.META, BACKUPS)).getBackupsList();
  }

  private static BackupsRecord parse(byte @Nullable [] stored) {
    try {
      return stored == null ? BackupsRecord.getDefaultInstance() : BackupsRecord.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("the record of backups is damaged", e);
    }
  }
}
