package dev.fanfare.broadcast;

import org.roaringbitmap.RoaringBitmap;

/// One entry of the timeline: something that devices are told, at the offset of its journal entry.
public sealed interface Notice {
  /// One above the highest ordinal.
  long END = 1L << Integer.SIZE;

  long offset();

  /// The broadcast's number.
  long broadcast();

  /// Whether this notice concerns an ordinal, given that it is a recipient of the broadcast.
  boolean covers(int ordinal);

  /// Whether this notice [#covers] any ordinal of a chunk of 65,536; otherwise nothing of the chunk
  /// need be read for it.
  boolean touches(int chunk);

  /// Takes the ordinals out of a set of recipients that this notice does not concern.
  void keepCovered(RoaringBitmap recipients);

  /// Keeps the ordinals from one to another, both included, where the highest is followed by 0.
  private static void keep(RoaringBitmap ordinals, int first, int last) {
    long from = Integer.toUnsignedLong(first);
    long after = Integer.toUnsignedLong(last) + 1;
    if (from < after) {
      ordinals.remove(0, from);
      if (after < END) {
        ordinals.remove(after, END);
      }
    } else {
      ordinals.remove(after, from);
    }
  }

  /// Whether a chunk has an ordinal from one to another, both included, where the highest is
  /// followed by 0: then the chunk begins among these, or they begin in the chunk.
  private static boolean meets(int chunk, int first, int last) {
    int start = chunk << 16;
    return Integer.compareUnsigned(start - first, last - first) <= 0 || first >>> 16 == chunk;
  }

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

    @Override
    public boolean touches(int chunk) {
      return Integer.compareUnsigned(fromRank, toRank) <= 0
          && meets(chunk, pivot + fromRank, pivot + toRank);
    }

    @Override
    public void keepCovered(RoaringBitmap recipients) {
      if (Integer.compareUnsigned(fromRank, toRank) <= 0) {
        keep(recipients, pivot + fromRank, pivot + toRank);
      } else {
        recipients.clear();
      }
    }
  }

  /// A broadcast was withdrawn from everyone it was released to before: the recipients with
  /// `ordinal - pivot <= toRank`, as unsigned numbers.
  record Withdrawal(long offset, long broadcast, int pivot, int toRank) implements Notice {
    @Override
    public boolean covers(int ordinal) {
      return Integer.compareUnsigned(ordinal - pivot, toRank) <= 0;
    }

    @Override
    public boolean touches(int chunk) {
      return meets(chunk, pivot, pivot + toRank);
    }

    @Override
    public void keepCovered(RoaringBitmap recipients) {
      keep(recipients, pivot, pivot + toRank);
    }
  }
}
