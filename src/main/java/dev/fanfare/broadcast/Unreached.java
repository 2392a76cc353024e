package dev.fanfare.broadcast;

import dev.fanfare.app.AppCommands;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.BroadcastProgress;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.EventKind;
import dev.fanfare.schema.FixUnreached;
import dev.fanfare.schema.SliceRecord;
import dev.fanfare.store.Batch;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.Key;
import dev.fanfare.store.Table;
import org.roaringbitmap.RoaringBitmap;

/// Fixes, slice by slice, which recipients were not reached in time. Owned by the applier's thread.
///
/// It visits committed sets, so it needs a group that begins with it.
public final class Unreached {
  private final Batch batch;
  private final AppCommands apps;
  private final BroadcastEvents events;

  public Unreached(Batch batch, AppCommands apps, BroadcastEvents events) {
    this.batch = batch;
    this.apps = apps;
    this.events = events;
  }

  /// Refused with [Refusal.NotDue] when the slice is not the next one or its time has not come.
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
    SliceRecord released = slice(number, slice);
    long patience =
        apps.record(broadcast.getApp()).getSettings().getLimits().getUnreachedSeconds() * 1_000L;
    if (stamp.time() < released.getTime() + patience) {
      return new Outcome.Refused(new Refusal.NotDue());
    }
    if (events.wanted(broadcast.getApp(), EventKind.UNREACHED, released.getTime())) {
      tell(stamp, broadcast, slice);
    }
    batch.put(
        Table.PROGRESS,
        Key.bytes(number),
        progress.toBuilder().setUnreachedSlice(slice + 1).build().toByteArray());
    return new Outcome.Done();
  }

  private void tell(Stamp stamp, BroadcastRecord broadcast, int slice) {
    RoaringBitmap recipients = recipients(broadcast, slice);
    for (var chunk = recipients.getContainerPointer();
        chunk.getContainer() != null;
        chunk.advance()) {
      long first = (long) chunk.key() << 16;
      RoaringBitmap members =
          RoaringBitmap.addOffset(recipients.selectRange(first, first + (1 << 16)), -first);
      byte[] reached = RecipientSet.REACHED.key(broadcast.getNumber(), chunk.key());
      members.andNot(BitmapBytes.parse(batch.get(Table.CHUNK, reached)));
      byte[] removed = Key.of(broadcast.getApp()).and((int) chunk.key()).toBytes();
      members.andNot(BitmapBytes.parse(batch.get(Table.REMOVED, removed)));
      if (!members.isEmpty()) {
        events.unreached(stamp, broadcast, new BroadcastEvents.Missed(slice, chunk.key(), members));
      }
    }
  }

  /// The recipients that a slice was released to.
  private RoaringBitmap recipients(BroadcastRecord broadcast, int slice) {
    long number = broadcast.getNumber();
    int first = slice == 0 ? broadcast.getPivot() : slice(number, slice - 1).getEnd() + 1;
    long from = Integer.toUnsignedLong(first);
    long to = Integer.toUnsignedLong(slice(number, slice).getEnd()) + 1;
    RoaringBitmap all = RecipientSet.RECIPIENTS.readCommitted(batch, number);
    if (from < to) {
      return all.selectRange(from, to);
    }
    RoaringBitmap wrapped = all.selectRange(from, 1L << 32);
    wrapped.or(all.selectRange(0, to));
    return wrapped;
  }

  private SliceRecord slice(long number, int slice) {
    byte[] stored = batch.get(Table.SLICE, BroadcastTables.sliceKey(number, slice));
    if (stored == null) {
      throw new IllegalStateException("a released slice has no record");
    }
    return BroadcastTables.slice(stored);
  }
}
