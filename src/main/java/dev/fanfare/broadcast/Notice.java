package dev.fanfare.broadcast;

/// One entry of the timeline: something that devices are told, at the offset of its journal entry.
public sealed interface Notice {
  long offset();

  /// The broadcast's number.
  long broadcast();

  /// Whether this notice concerns an ordinal, given that it is a recipient of the broadcast.
  boolean covers(int ordinal);

  /// A slice of a broadcast was handed to its recipients. They are those with `fromRank <= ordinal
  /// - pivot <= toRank`, as unsigned numbers.
  ///
  /// @param time journal time of the release, milliseconds
  record Release(long offset, long broadcast, int pivot, int fromRank, int toRank, long time)
      implements Notice {

    @Override
    public boolean covers(int ordinal) {
      int rank = ordinal - pivot;
      return Integer.compareUnsigned(rank, fromRank) >= 0
          && Integer.compareUnsigned(rank, toRank) <= 0;
    }
  }

  /// A broadcast was withdrawn from everyone it was released to before: the recipients with
  /// `ordinal - pivot <= toRank`, as unsigned numbers.
  record Withdrawal(long offset, long broadcast, int pivot, int toRank) implements Notice {
    @Override
    public boolean covers(int ordinal) {
      return Integer.compareUnsigned(ordinal - pivot, toRank) <= 0;
    }
  }
}
