package dev.fanfare.broadcast;

/// The order in which a broadcast's recipients are released: ascending ordinals from a pivot,
/// wrapping once. A different pivot per broadcast, so that pacing does not favour old members;
/// [Broadcasts#pivot] draws it.
record Order(int pivot) {

  /// Where an ordinal comes in this order, as an unsigned number.
  int rank(int ordinal) {
    return ordinal - pivot;
  }
}
