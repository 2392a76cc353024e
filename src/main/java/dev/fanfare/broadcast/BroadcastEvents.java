package dev.fanfare.broadcast;

import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.BroadcastProgressOrBuilder;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.EventKind;
import org.roaringbitmap.RoaringBitmap;

/// Is told, on the applier's thread, what happens to broadcasts. Part of applying an entry: it
/// reads and writes the group's batch alone.
public interface BroadcastEvents {

  /// Whether an app has someone who wants events of a kind.
  ///
  /// @param happened journal time; who came later does not want it
  boolean wanted(int app, EventKind kind, long happened);

  /// A broadcast is in another state than before.
  void life(Stamp stamp, BroadcastRecord broadcast, BroadcastProgressOrBuilder progress);

  /// Some members of a chunk were newly reached, or have delivered or read it.
  void receipt(Stamp stamp, BroadcastRecord broadcast, int chunk, Gained gained);

  /// The recipients of a slice, in one chunk, that were not reached in time.
  void unreached(Stamp stamp, BroadcastRecord broadcast, Missed missed);

  /// New bits in a chunk, as low 16 bits.
  record Gained(RoaringBitmap reached, RoaringBitmap delivered, RoaringBitmap read) {
    boolean isEmpty() {
      return reached.isEmpty() && delivered.isEmpty() && read.isEmpty();
    }
  }

  /// Recipients of a slice in one chunk.
  ///
  /// @param members low 16 bits
  record Missed(int slice, int chunk, RoaringBitmap members) {}
}
