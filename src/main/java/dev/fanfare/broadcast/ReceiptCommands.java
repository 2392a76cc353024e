package dev.fanfare.broadcast;

import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.BroadcastProgress;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.ReceiptChunk;
import dev.fanfare.schema.Receipts;
import dev.fanfare.store.Batch;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.Key;
import dev.fanfare.store.Table;
import org.roaringbitmap.RoaringBitmap;

/// Applies what devices reported. Owned by the applier's thread.
///
/// A bit counts once: counters grow by what is new. Reached needs a recipient that is still a
/// member; delivered needs reached; read implies delivered. Reports that say more are cut, not
/// refused, because they gather what many devices said.
public final class ReceiptCommands {
  private final Batch batch;
  private final Progresses progresses;
  private final BroadcastEvents events;

  public ReceiptCommands(Batch batch, BroadcastEvents events) {
    this.batch = batch;
    this.progresses = new Progresses(batch, events);
    this.events = events;
  }

  public Outcome apply(Stamp stamp, Receipts command) {
    command.getChunksList().forEach(chunk -> apply(stamp, chunk));
    return new Outcome.Done();
  }

  private void apply(Stamp stamp, ReceiptChunk chunk) {
    long number = chunk.getBroadcast();
    BroadcastRecord broadcast =
        BroadcastTables.broadcast(batch.get(Table.BROADCAST, Key.bytes(number)));
    if (broadcast == null) {
      return;
    }
    RoaringBitmap mayGain = get(RecipientSet.RECIPIENTS, chunk);
    byte[] removed = Key.of(broadcast.getApp()).and(chunk.getChunk()).toBytes();
    mayGain.andNot(BitmapBytes.parse(batch.get(Table.REMOVED, removed)));

    RoaringBitmap read = BitmapBytes.parse(chunk.getRead().toByteArray());
    RoaringBitmap delivered = BitmapBytes.parse(chunk.getDelivered().toByteArray());
    delivered.or(read);
    RoaringBitmap reported = BitmapBytes.parse(chunk.getReached().toByteArray());
    reported.and(mayGain);

    RoaringBitmap reached = get(RecipientSet.REACHED, chunk);
    RoaringBitmap newlyReached = gain(RecipientSet.REACHED, chunk, reached, reported);
    mayGain.and(reached);
    delivered.and(mayGain);
    read.and(mayGain);
    RoaringBitmap newlyDelivered =
        gain(RecipientSet.DELIVERED, chunk, get(RecipientSet.DELIVERED, chunk), delivered);
    RoaringBitmap newlyRead = gain(RecipientSet.READ, chunk, get(RecipientSet.READ, chunk), read);
    var gained = new BroadcastEvents.Gained(newlyReached, newlyDelivered, newlyRead);
    if (!gained.isEmpty()) {
      count(stamp, number, gained);
      events.receipt(stamp, broadcast, chunk.getChunk(), gained);
    }
  }

  private void count(Stamp stamp, long number, BroadcastEvents.Gained gained) {
    BroadcastProgress progress = progresses.read(number);
    progresses.write(
        stamp,
        number,
        progress.toBuilder()
            .setReached(progress.getReached() + gained.reached().getCardinality())
            .setDelivered(progress.getDelivered() + gained.delivered().getCardinality())
            .setRead(progress.getRead() + gained.read().getCardinality()));
  }

  private RoaringBitmap get(RecipientSet set, ReceiptChunk chunk) {
    byte[] key = set.key(chunk.getBroadcast(), chunk.getChunk());
    return BitmapBytes.parse(batch.get(Table.CHUNK, key));
  }

  /// Adds bits to a stored chunk, writing it only when it gains some; returns the new ones.
  private RoaringBitmap gain(
      RecipientSet set, ReceiptChunk chunk, RoaringBitmap stored, RoaringBitmap reported) {
    RoaringBitmap gained = RoaringBitmap.andNot(reported, stored);
    if (!gained.isEmpty()) {
      stored.or(gained);
      byte[] key = set.key(chunk.getBroadcast(), chunk.getChunk());
      batch.put(Table.CHUNK, key, BitmapBytes.serialize(stored));
    }
    return gained;
  }
}
