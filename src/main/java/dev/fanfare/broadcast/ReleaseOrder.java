package dev.fanfare.broadcast;

import dev.fanfare.app.AppCommands;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.store.Batch;
import org.roaringbitmap.RoaringBitmap;

/// The frozen recipients of a broadcast in the order in which they are released: ascending
/// ordinals, behind the highest the lowest, from a pivot that is another one for each broadcast, so
/// that pacing does not favour old members ([Broadcasts#pivot] draws it). The rank of an ordinal is
/// `ordinal - pivot` as an unsigned number.
///
/// Reads only the chunks that a slice lies in, also those that the open batch holds. Owned by the
/// applier's thread.
final class ReleaseOrder {
  private static final int CHUNK = 1 << 16;

  private final Batch batch;
  private final long broadcast;
  private final int chunks;

  private ReleaseOrder(Batch batch, long broadcast, int chunks) {
    this.batch = batch;
    this.broadcast = broadcast;
    this.chunks = chunks;
  }

  /// The order of a broadcast that was started, whose recipients are among the members that the app
  /// has had until now.
  static ReleaseOrder of(Batch batch, AppCommands apps, BroadcastRecord broadcast) {
    int lastOrdinal = apps.counters(broadcast.getApp()).getNextOrdinal() - 1;
    return new ReleaseOrder(batch, broadcast.getNumber(), (lastOrdinal >>> 16) + 1);
  }

  /// The ordinal of the last of some recipients, at least one, from an ordinal on.
  int last(int first, int count) {
    int chunk = first >>> 16;
    int before = first & 0xFFFF;
    if (chunk >= chunks) {
      chunk = 0;
      before = 0;
    }
    int left = count;
    // The first chunk comes twice: what lies before the ordinal is last.
    for (int visited = 0; visited <= chunks; visited++) {
      RoaringBitmap lows = RecipientSet.RECIPIENTS.read(batch, broadcast, chunk);
      int passed = before == 0 ? 0 : lows.rank(before - 1);
      int here = lows.getCardinality() - passed;
      if (left <= here) {
        return chunk << 16 | lows.select(passed + left - 1);
      }
      left -= here;
      chunk = (chunk + 1) % chunks;
      before = 0;
    }
    throw new IllegalStateException("a slice is larger than what is left of its broadcast");
  }

  /// Visits, by chunk, the recipients from one ordinal to another, both included.
  void between(int first, int last, Visitor visitor) {
    long from = Integer.toUnsignedLong(first);
    long to = Integer.toUnsignedLong(last) + 1;
    for (int chunk = 0; chunk < chunks; chunk++) {
      long start = (long) chunk * CHUNK;
      long fromLow = Math.clamp(from - start, 0, CHUNK);
      long toLow = Math.clamp(to - start, 0, CHUNK);
      boolean outside = from < to ? fromLow == CHUNK || toLow == 0 : fromLow == CHUNK && toLow == 0;
      if (!outside) {
        RoaringBitmap lows = RecipientSet.RECIPIENTS.read(batch, broadcast, chunk);
        if (from < to) {
          lows.remove(0, fromLow);
          lows.remove(toLow, CHUNK);
        } else {
          lows.remove(toLow, fromLow);
        }
        visitor.visit(chunk, lows);
      }
    }
  }

  /// Sees the low 16 bits of the ordinals in a chunk; may change them.
  @FunctionalInterface
  interface Visitor {
    void visit(int chunk, RoaringBitmap lows);
  }
}
