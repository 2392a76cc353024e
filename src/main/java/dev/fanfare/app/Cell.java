package dev.fanfare.app;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.schema.CellRecord;
import dev.fanfare.schema.EpochRecord;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import dev.fanfare.store.Tables;
import java.util.List;
import java.util.Optional;

/// What concerns the whole cell: the admin key and the epochs of its journal, oldest first.
public record Cell(String adminKey, List<Epoch> epochs) {
  public Cell {
    epochs = List.copyOf(epochs);
  }

  /// A stretch of history that nothing was lost from.
  public record Epoch(String id, long firstOffset) {}

  /// The cell as last committed; empty before the bootstrap.
  public static Optional<Cell> load(Tables store) {
    byte[] stored = store.get(Table.META, AppCommands.CELL);
    if (stored == null) {
      return Optional.empty();
    }
    CellRecord cell = parse(stored);
    return Optional.of(
        new Cell(
            cell.getAdminKey(),
            cell.getEpochsList().stream()
                .map((EpochRecord epoch) -> new Epoch(epoch.getId(), epoch.getFirstOffset()))
                .toList()));
  }

  static CellRecord parse(byte[] stored) {
    try {
      return CellRecord.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("the cell's record is damaged", e);
    }
  }
}
