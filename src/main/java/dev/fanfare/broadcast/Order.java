package dev.fanfare.broadcast;

import org.roaringbitmap.RoaringBitmap;

/// The order in which a broadcast's recipients are released: ascending ordinals from a pivot,
/// wrapping once. A different pivot per broadcast, so that pacing does not favour old members.
record Order(int pivot) {

  /// Where an ordinal comes in this order, as an unsigned number.
  int rank(int ordinal) {
    return ordinal - pivot;
  }

  /// The recipient that comes after `released` others.
  int at(RoaringBitmap recipients, int released) {
    int card = recipients.getCardinality();
    int beforePivot = pivot == 0 ? 0 : recipients.rank(pivot - 1);
    return recipients.select(Math.floorMod((long) beforePivot + released, card));
  }
}
