package dev.fanfare.app;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.journal.Position;
import dev.fanfare.schema.CellRecord;
import dev.fanfare.schema.EpochRecord;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import dev.fanfare.store.Tables;
import java.util.List;
import java.util.Optional;

/// What concerns the whole cell: the admin key and the epochs of its journal, oldest first.
///
/// @param epochs at least one; each ends before the next one begins, and the last one is open
public record Cell(String adminKey, List<Epoch> epochs) {
  private static final int RANDOM_CHARACTERS = 6;

  public Cell {
    epochs = List.copyOf(epochs);
  }

  /// A stretch of history that nothing was lost from.
  public record Epoch(String id, long firstOffset) {}

  /// What a position says in this history.
  public sealed interface Place {
    /// Everything up to this offset.
    record Exact(long offset) implements Place {}

    /// Everything up to this offset, and more that this history does not have.
    record Lost(long end) implements Place {}

    /// Nothing: it is of another history.
    record Unknown() implements Place {}
  }

  /// The cell as last committed; empty before the bootstrap.
  public static Optional<Cell> load(Tables store) {
    byte[] stored = store.get(Table.META, AppCommands.CELL);
    if (stored == null) {
      return Optional.empty();
    }
    CellRecord cell = parse(stored);
    return Optional.of(new Cell(cell.getAdminKey(), epochs(cell.getEpochsList())));
  }

  /// Epochs as they are stored.
  public static List<Epoch> epochs(List<EpochRecord> stored) {
    return stored.stream().map(epoch -> new Epoch(epoch.getId(), epoch.getFirstOffset())).toList();
  }

  /// What [#epochs(List)] reads.
  public List<EpochRecord> epochRecords() {
    return epochs.stream()
        .map(epoch ->
            EpochRecord.newBuilder().setId(epoch.id()).setFirstOffset(epoch.firstOffset()).build())
        .toList();
  }

  static CellRecord parse(byte[] stored) {
    try {
      return CellRecord.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("the cell's record is damaged", e);
    }
  }

  /// What tells this cell from others: its first epoch.
  public String id() {
    return epochs.getFirst().id();
  }

  /// The position with this offset, in the epoch that it lies in.
  public Position position(long offset) {
    Epoch in = epochs.getFirst();
    for (Epoch epoch : epochs) {
      if (epoch.firstOffset() <= offset) {
        in = epoch;
      }
    }
    return new Position(in.id(), offset);
  }

  /// What somebody's position says here.
  ///
  /// @param head where the open epoch has come
  public Place place(Position position, long head) {
    for (int i = 0; i < epochs.size(); i++) {
      if (epochs.get(i).id().equals(position.epoch())) {
        long end = i == epochs.size() - 1 ? head : epochs.get(i + 1).firstOffset() - 1;
        return position.offset() <= end ? new Place.Exact(position.offset()) : new Place.Lost(end);
      }
    }
    return new Place.Unknown();
  }

  /// The id of an epoch that may follow.
  ///
  /// @param mint hard to foresee
  public String nextEpoch(Mint mint) {
    String last = epochs.getLast().id();
    int counter = Integer.parseInt(last.substring(0, last.length() - RANDOM_CHARACTERS));
    return (counter + 1) + mint.text(RANDOM_CHARACTERS);
  }
}
