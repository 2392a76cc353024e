package dev.fanfare.broadcast;

import dev.fanfare.app.AppCommands;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.BroadcastProgress;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.schema.EventKind;
import dev.fanfare.schema.FixUnreached;
import dev.fanfare.schema.SliceRecord;
import dev.fanfare.store.Batch;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.Key;
import dev.fanfare.store.Table;

/// Fixes, slice by slice, which recipients were not reached in time. Owned by the applier's thread.
public final class Unreached {
  private final Batch batch;
  private final AppCommands apps;
  private final BroadcastEvents events;

  public Unreached(Batch batch, AppCommands apps, BroadcastEvents events) {
    this.batch = batch;
    this.apps = apps;
    this.events = events;
  }

  /// Refused with [Refusal.NotDue] when the slice is not the next one or its time has not come. Of
  /// a recalled broadcast nobody is told.
  public Outcome fix(Stamp stamp, FixUnreached command) {
    long number = command.getBroadcast();
    BroadcastRecord broadcast =
        BroadcastTables.broadcast(batch.get(Table.BROADCAST, Key.bytes(number)));
    if (broadcast == null) {
      return new Outcome.Refused(new Refusal.BroadcastNotFound());
    }
    BroadcastProgress progress =
        BroadcastTables.progress(batch.get(Table.PROGRESS, Key.bytes(number)));
    int slice = command.getSlice();
    boolean next = slice == progress.getUnreachedSlice() && slice < progress.getNextSlice();
    if (!next || progress.getReceiptsPurged() != 0) {
      return new Outcome.Refused(new Refusal.NotDue());
    }
    SliceRecord released = BroadcastTables.slice(batch, number, slice);
    long patience =
        apps.record(broadcast.getApp()).getSettings().getLimits().getUnreachedSeconds() * 1_000L;
    if (stamp.time() < released.getTime() + patience) {
      return new Outcome.Refused(new Refusal.NotDue());
    }
    if (progress.getState() != BroadcastState.RECALLED
        && events.wanted(broadcast.getApp(), EventKind.UNREACHED, released.getTime())) {
      tell(stamp, broadcast, slice);
    }
    batch.put(
        Table.PROGRESS,
        Key.bytes(number),
        progress.toBuilder().setUnreachedSlice(slice + 1).build().toByteArray());
    return new Outcome.Done();
  }

  private void tell(Stamp stamp, BroadcastRecord broadcast, int slice) {
    long number = broadcast.getNumber();
    int first =
        slice == 0
            ? broadcast.getPivot()
            : BroadcastTables.slice(batch, number, slice - 1).getEnd() + 1;
    int last = BroadcastTables.slice(batch, number, slice).getEnd();
    ReleaseOrder.of(batch, apps, broadcast)
        .between(
            first,
            last,
            (chunk, members) -> {
              members.andNot(RecipientSet.REACHED.read(batch, number, chunk));
              byte[] removed = Key.of(broadcast.getApp()).and(chunk).toBytes();
              members.andNot(BitmapBytes.parse(batch.get(Table.REMOVED, removed)));
              if (!members.isEmpty()) {
                events.unreached(
                    stamp, broadcast, new BroadcastEvents.Missed(slice, chunk, members));
              }
            });
  }
}
