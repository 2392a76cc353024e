package dev.fanfare.broadcast;

import dev.fanfare.schema.BroadcastProgress;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.SliceRecord;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;

/// Finds where one ordinal stands with one broadcast, as last committed: its bits by a look at its
/// chunks, its slice by binary search. Only who waits for a release costs a scan, which counts the
/// recipients before it.
final class StandingReader {
  private final Store store;
  private final long number;
  private final BroadcastRecord record;
  private final BroadcastProgress progress;

  StandingReader(Store store, long number) {
    this.store = store;
    this.number = number;
    BroadcastRecord stored =
        BroadcastTables.broadcast(store.get(Table.BROADCAST, Key.bytes(number)));
    if (stored == null) {
      throw new StoreException("a broadcast has no record");
    }
    this.record = stored;
    this.progress = BroadcastTables.progress(store.get(Table.PROGRESS, Key.bytes(number)));
  }

  Standing read(int ordinal) {
    Standing standing =
        has(RecipientSet.RECIPIENTS, ordinal)
            ? new Standing(
                true,
                true,
                slice(ordinal),
                has(RecipientSet.REACHED, ordinal),
                has(RecipientSet.DELIVERED, ordinal),
                has(RecipientSet.READ, ordinal))
            : Standing.outside(true);
    return receiptsAreKept() ? standing : Standing.outside(false);
  }

  private boolean has(RecipientSet set, int ordinal) {
    byte[] chunk = store.get(Table.CHUNK, set.key(number, ordinal >>> 16));
    return BitmapBytes.parse(chunk).contains(ordinal & 0xFFFF);
  }

  /// Asked last, because they can be removed while they are read.
  private boolean receiptsAreKept() {
    byte[] now = store.get(Table.PROGRESS, Key.bytes(number));
    return now != null && BroadcastTables.progress(now).getReceiptsPurged() == 0;
  }

  private Standing.Slice slice(int ordinal) {
    int rank = ordinal - record.getPivot();
    int low = 0;
    int high = progress.getNextSlice();
    while (low < high) {
      int middle = (low + high) >>> 1;
      int end = stored(middle).getEnd() - record.getPivot();
      if (Integer.compareUnsigned(end, rank) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < progress.getNextSlice()
        ? new Standing.Slice(low, true, stored(low).getTime())
        : waiting(ordinal);
  }

  private Standing.Slice waiting(int ordinal) {
    int remaining = progress.getRecipients() - progress.getReleased();
    int size = new Pace(progress.getPace(), progress.getTick()).slice(remaining);
    int ahead = before(ordinal) - progress.getReleased();
    int slices = size == 0 ? 0 : ahead / size;
    long earliest = progress.getNextDue() + slices * progress.getTick();
    return new Standing.Slice(progress.getNextSlice() + slices, false, earliest);
  }

  /// How many recipients come before an ordinal in the order of release.
  private int before(int ordinal) {
    int beforePivot = below(record.getPivot());
    int belowOrdinal = below(ordinal);
    return Integer.compareUnsigned(ordinal, record.getPivot()) >= 0
        ? belowOrdinal - beforePivot
        : progress.getRecipients() - beforePivot + belowOrdinal;
  }

  /// Recipients with a smaller ordinal, as unsigned numbers.
  private int below(int ordinal) {
    int[] count = {0};
    byte[] from = RecipientSet.RECIPIENTS.prefix(number);
    store.scan(
        Table.CHUNK,
        from,
        Key.after(RecipientSet.RECIPIENTS.key(number, ordinal >>> 16)),
        (key, value) -> {
          var members = BitmapBytes.parse(value);
          int chunk = ByteBuffer.wrap(key).getInt(from.length);
          int low = ordinal & 0xFFFF;
          boolean last = chunk == ordinal >>> 16;
          count[0] +=
              last ? members.rank(low) - (members.contains(low) ? 1 : 0) : members.getCardinality();
          return true;
        });
    return count[0];
  }

  private SliceRecord stored(int slice) {
    byte[] bytes = store.get(Table.SLICE, BroadcastTables.sliceKey(number, slice));
    if (bytes == null) {
      throw new StoreException("a released slice has no record");
    }
    return BroadcastTables.slice(bytes);
  }
}
