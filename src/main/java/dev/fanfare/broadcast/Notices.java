package dev.fanfare.broadcast;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// All notices of one broadcast, as of one commit: the releases of its slices, and its withdrawal.
///
/// A broadcast can have 10,000 slices and an app 1,000 such broadcasts, so each slice takes 20
/// bytes here, and a [Notice] of it is made when someone asks. Immutable; the one of the next
/// commit shares the arrays, whose filled part never changes.
public final class Notices {
  private final long broadcast;
  private final int pivot;
  private final Released released;

  /// Offset of the withdrawal, 0 when there is none.
  private final long withdrawal;

  /// What was released by each slice: at which offset, up to which rank, when.
  private record Released(int count, long[] offsets, int[] toRanks, long[] times) {
    Released and(long offset, int toRank, long time) {
      Released roomy = count == offsets.length ? grown() : this;
      roomy.offsets[count] = offset;
      roomy.toRanks[count] = toRank;
      roomy.times[count] = time;
      return new Released(count + 1, roomy.offsets, roomy.toRanks, roomy.times);
    }

    private Released grown() {
      int capacity = count + (count >> 1) + 1;
      return new Released(
          count,
          Arrays.copyOf(offsets, capacity),
          Arrays.copyOf(toRanks, capacity),
          Arrays.copyOf(times, capacity));
    }
  }

  private Notices(long broadcast, int pivot, Released released, long withdrawal) {
    this.broadcast = broadcast;
    this.pivot = pivot;
    this.released = released;
    this.withdrawal = withdrawal;
  }

  /// Those of a broadcast of which nothing was released yet.
  static Notices none(long broadcast, int pivot) {
    Released nothing = new Released(0, new long[0], new int[0], new long[0]);
    return new Notices(broadcast, pivot, nothing, 0);
  }

  /// These, and the release of the next slice.
  ///
  /// @param toRank its last recipient, counted from the pivot
  Notices and(long offset, int toRank, long time) {
    return new Notices(broadcast, pivot, released.and(offset, toRank, time), withdrawal);
  }

  /// These, at least one release, and the withdrawal from everyone whom they concern.
  Notices withdrawn(long offset) {
    return new Notices(broadcast, pivot, released, offset);
  }

  /// The broadcast's number.
  public long broadcast() {
    return broadcast;
  }

  /// How many slices were released.
  public int slices() {
    return released.count;
  }

  /// When a slice was released, journal time in milliseconds.
  public long releasedAt(int slice) {
    return released.times[slice];
  }

  /// Offset of the first notice, 0 when there is none.
  public long first() {
    return slices() == 0 ? 0 : released.offsets[0];
  }

  /// Offset of the last notice, 0 when there is none.
  public long last() {
    return withdrawal != 0 || slices() == 0 ? withdrawal : released.offsets[slices() - 1];
  }

  /// The first notice after an offset.
  @Nullable Notice next(long after) {
    int found = Arrays.binarySearch(released.offsets, 0, slices(), after + 1);
    int slice = found < 0 ? -found - 1 : found;
    if (slice < slices()) {
      return slice(slice);
    }
    return after < withdrawal ? withdrawal() : null;
  }

  /// The release that handed the broadcast to an ordinal, given that it is a recipient.
  public Optional<Notice.Release> release(int ordinal) {
    int slice = sliceOf(ordinal - pivot);
    return slice < slices() ? Optional.of(slice(slice)) : Optional.empty();
  }

  /// The newest release.
  public Optional<Notice.Release> newest() {
    return slices() == 0 ? Optional.empty() : Optional.of(slice(slices() - 1));
  }

  /// Adds what at `after < offset <= to` concerns an ordinal, given that it is a recipient.
  void addTo(List<Notice> found, int ordinal, long after, long to) {
    int slice = sliceOf(ordinal - pivot);
    if (slice < slices()) {
      long offset = released.offsets[slice];
      if (after < offset && offset <= to) {
        found.add(slice(slice));
      }
      if (after < withdrawal && withdrawal <= to) {
        found.add(withdrawal());
      }
    }
  }

  /// Whether anything was released to any ordinal of a chunk of 65,536.
  public boolean touch(int chunk) {
    return slices() > 0
        && new Notice.Release(0, broadcast, pivot, 0, released.toRanks[slices() - 1], 0)
            .touches(chunk);
  }

  private Notice.Withdrawal withdrawal() {
    return new Notice.Withdrawal(withdrawal, broadcast, pivot, released.toRanks[slices() - 1]);
  }

  Notice.Release slice(int slice) {
    int fromRank = slice == 0 ? 0 : released.toRanks[slice - 1] + 1;
    return new Notice.Release(
        released.offsets[slice],
        broadcast,
        pivot,
        fromRank,
        released.toRanks[slice],
        released.times[slice]);
  }

  /// The first slice that goes up to a rank or beyond; their number when none does.
  private int sliceOf(int rank) {
    int low = 0;
    int high = slices();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Integer.compareUnsigned(released.toRanks[middle], rank) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
