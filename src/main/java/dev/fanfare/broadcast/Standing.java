package dev.fanfare.broadcast;

/// Where one ordinal stands with a broadcast that was started.
///
/// @param recipient whether it is among the recipients
/// @param known false when the recipients are no longer kept, so that nothing else here counts
/// @param slice of a recipient; of anyone else, [Slice#NONE]
public record Standing(
    boolean recipient,
    boolean known,
    Slice slice,
    boolean reached,
    boolean delivered,
    boolean read) {

  /// The slice of the recipients that one belongs to.
  ///
  /// @param number counts from 0; of one that is not released, what it will be if nothing changes
  /// @param time journal time of the release; of one that is not released, the earliest at which it
  ///   can be
  public record Slice(int number, boolean released, long time) {
    static final Slice NONE = new Slice(0, false, 0);
  }

  static Standing outside(boolean known) {
    return new Standing(false, known, Slice.NONE, false, false, false);
  }
}
