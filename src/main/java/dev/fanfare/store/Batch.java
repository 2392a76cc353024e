package dev.fanfare.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Changes that become durable together, readable before that by the one who makes them.
///
/// Owned by one thread. Nothing reaches the store until [Store#write].
public final class Batch {
  private final Store store;
  private final Map<Cell, Value> changes = new HashMap<>();
  private final List<Range> deletedRanges = new ArrayList<>();
  private long bytes;

  public Batch(Store store) {
    this.store = store;
  }

  /// The value that this batch sees: its own change, else what is committed.
  public byte @Nullable [] get(Table table, byte[] key) {
    Value changed = changes.get(new Cell(table, key));
    if (changed != null) {
      return changed.bytes();
    }
    boolean deleted = deletedRanges.stream().anyMatch(range -> range.holds(table, key));
    return deleted ? null : store.get(table, key);
  }

  public void put(Table table, byte[] key, byte[] value) {
    changes.put(new Cell(table, key), new Value(value));
    bytes += key.length + value.length;
  }

  public void delete(Table table, byte[] key) {
    changes.put(new Cell(table, key), new Value(null));
    bytes += key.length;
  }

  /// Deletes the entries with `from <= key < to`, this batch's own included. For few of them
  /// [#delete] is cheaper to the store.
  public void deleteRange(Table table, byte[] from, byte[] to) {
    Range range = new Range(table, from, to);
    changes.keySet().removeIf(cell -> range.holds(cell.table(), cell.key()));
    deletedRanges.add(range);
  }

  /// Visits committed entries, not those of this batch.
  public void scanCommitted(Table table, byte[] from, byte[] to, Tables.Visitor visitor) {
    store.scan(table, from, to, visitor);
  }

  /// Bytes of keys and values put so far; what was overwritten counts again.
  public long bytes() {
    return bytes;
  }

  public boolean isEmpty() {
    return changes.isEmpty() && deletedRanges.isEmpty();
  }

  /// Hands every change to whoever writes them. Ranges come first.
  public void forEach(Sink sink) {
    for (Range range : deletedRanges) {
      sink.deleteRange(range.table(), range.from(), range.to());
    }
    changes.forEach((cell, value) -> {
      byte[] put = value.bytes();
      if (put == null) {
        sink.delete(cell.table(), cell.key());
      } else {
        sink.put(cell.table(), cell.key(), put);
      }
    });
  }

  /// Takes the changes of a batch.
  public interface Sink {
    void put(Table table, byte[] key, byte[] value);

    void delete(Table table, byte[] key);

    void deleteRange(Table table, byte[] from, byte[] to);
  }

  private record Value(byte @Nullable [] bytes) {}

  private record Range(Table table, byte[] from, byte[] to) {
    boolean holds(Table other, byte[] key) {
      return table == other
          && Arrays.compareUnsigned(from, key) <= 0
          && Arrays.compareUnsigned(key, to) < 0;
    }
  }

  private record Cell(Table table, byte[] key) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Cell(var otherTable, var otherKey)
          && table == otherTable
          && Arrays.equals(key, otherKey);
    }

    @Override
    public int hashCode() {
      return 31 * table.hashCode() + Arrays.hashCode(key);
    }
  }
}
