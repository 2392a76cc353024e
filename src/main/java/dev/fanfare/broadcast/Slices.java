package dev.fanfare.broadcast;

import dev.fanfare.app.AppCommands;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.BroadcastProgress;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.schema.SliceRecord;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Table;
import org.roaringbitmap.RoaringBitmap;

/// Hands a broadcast to its recipients slice by slice, in one group's batch. Owned by the applier's
/// thread.
final class Slices {
  private final Batch batch;
  private final AppCommands apps;

  Slices(Batch batch, AppCommands apps) {
    this.batch = batch;
    this.apps = apps;
  }

  /// Freezes the recipients and releases the first slice.
  void begin(
      Stamp stamp,
      BroadcastRecord broadcast,
      BroadcastProgress.Builder progress,
      RoaringBitmap recipients) {
    RecipientSet.RECIPIENTS.put(batch, broadcast.getNumber(), recipients);
    int count = recipients.getCardinality();
    long lifetime = broadcast.getLifetimeSeconds() * 1_000L;
    progress
        .setState(BroadcastState.RUNNING)
        .setStarted(stamp.time())
        .setStartOffset(stamp.offset())
        .setExpires(lifetime == 0 ? 0 : stamp.time() + lifetime)
        .setRecipients(count)
        .setTick(Pace.of(progress.getPace(), count).tickMillis())
        .setNextDue(stamp.time());
    release(stamp, broadcast, progress);
  }

  /// Releases the next slice.
  void release(Stamp stamp, BroadcastRecord broadcast, BroadcastProgress.Builder progress) {
    int remaining = progress.getRecipients() - progress.getReleased();
    int size = new Pace(progress.getPace(), progress.getTick()).slice(remaining);
    if (size > 0) {
      int first = first(broadcast, progress.getNextSlice());
      SliceRecord slice =
          SliceRecord.newBuilder()
              .setOffset(stamp.offset())
              .setEnd(ReleaseOrder.of(batch, apps, broadcast).last(first, size))
              .setTime(stamp.time())
              .build();
      batch.put(
          Table.SLICE,
          BroadcastTables.sliceKey(broadcast.getNumber(), progress.getNextSlice()),
          slice.toByteArray());
      progress
          .setNextSlice(progress.getNextSlice() + 1)
          .setLastRelease(stamp.offset())
          .setLastReleaseTime(stamp.time());
    }
    progress.setReleased(progress.getReleased() + size);
    if (progress.getReleased() == progress.getRecipients()) {
      progress.setState(BroadcastState.COMPLETED).setNextDue(0);
    } else {
      progress.setNextDue(Math.max(progress.getNextDue() + progress.getTick(), stamp.time()));
    }
  }

  /// The ordinal from which on a slice takes its recipients.
  private int first(BroadcastRecord broadcast, int slice) {
    return slice == 0
        ? broadcast.getPivot()
        : BroadcastTables.slice(batch, broadcast.getNumber(), slice - 1).getEnd() + 1;
  }
}
