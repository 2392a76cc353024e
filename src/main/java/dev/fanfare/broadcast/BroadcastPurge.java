package dev.fanfare.broadcast;

import dev.fanfare.journal.Allowance;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.BroadcastProgress;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.Limits;
import dev.fanfare.schema.PurgedRecord;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.util.ArrayList;
import java.util.List;

/// Removes what an app has kept long enough of broadcasts that ended: first recipients, receipts
/// and slices, later record and counters. Owned by the applier's thread.
///
/// It visits what is committed, so it needs a group that begins with it. It begins where the last
/// one ended, because the store walks slowly over what was removed.
public final class BroadcastPurge {
  /// More keys than these are removed as a range: it costs every later read of the table a little,
  /// and this entry nothing.
  private static final int FEW = 64;

  /// Broadcasts that one entry looks at; each has some keys.
  private static final int LOOKED_AT = 200;

  private final Batch batch;
  private final Limits limits;
  private final PurgedRecord.Builder purged;

  /// @param limits of the app
  /// @param purged how far purging the app has come
  public BroadcastPurge(Batch batch, Limits limits, PurgedRecord.Builder purged) {
    this.batch = batch;
    this.limits = limits;
    this.purged = purged;
  }

  /// Records go first: one whose receipts go now is found by a later entry, at or after the place
  /// up to which this one found records.
  public void purge(Stamp stamp, int app, Allowance allowance) {
    for (Ended ended : due(stamp, app, Ended.Left.RECORD, allowance)) {
      if (!allowance.isSpent()) {
        allowance.take(purgeRecord(ended));
        purged.setRecords(ended.since());
      }
    }
    for (Ended ended : due(stamp, app, Ended.Left.ALL, allowance)) {
      if (!allowance.isSpent()) {
        allowance.take(purgeReceipts(stamp, ended));
        purged.setReceipts(ended.since());
      }
    }
  }

  /// Those whose time is over, longest first.
  private List<Ended> due(Stamp stamp, int app, Ended.Left left, Allowance allowance) {
    List<Ended> due = new ArrayList<>();
    long from = left == Ended.Left.ALL ? purged.getReceipts() : purged.getRecords();
    long to = stamp.time() - kept(left);
    if (from <= to && !allowance.isSpent()) {
      batch.scanCommitted(
          Table.ENDED,
          Ended.from(app, left, from),
          Ended.from(app, left, to + 1),
          (key, _) -> {
            due.add(Ended.of(key));
            return due.size() < LOOKED_AT;
          });
    }
    return due;
  }

  /// How long, in milliseconds. A record stays at least as long as what belongs to it.
  private long kept(Ended.Left left) {
    long receipts = Integer.toUnsignedLong(limits.getReceiptSeconds()) * 1_000;
    long records = Integer.toUnsignedLong(limits.getBroadcastSeconds()) * 1_000;
    return switch (left) {
      case ALL -> receipts;
      case RECORD -> Math.max(receipts, records);
    };
  }

  private int purgeReceipts(Stamp stamp, Ended ended) {
    long number = ended.number();
    BroadcastProgress progress =
        BroadcastTables.progress(batch.get(Table.PROGRESS, Key.bytes(number)));
    batch.put(
        Table.PROGRESS,
        Key.bytes(number),
        progress.toBuilder().setReceiptsPurged(stamp.time()).build().toByteArray());
    ended.delete(batch);
    batch.delete(Table.WITH_RECEIPTS, BroadcastTables.liveKey(ended.app(), number));
    long repeatable = record(number).getRepeatableUntil();
    long since = Math.max(Math.max(ended.since(), repeatable), purged.getRecords());
    new Ended(ended.app(), Ended.Left.RECORD, since, number).put(batch);
    return 2 + deleteAll(Table.CHUNK, number) + deleteAll(Table.SLICE, number);
  }

  private int purgeRecord(Ended ended) {
    long number = ended.number();
    BroadcastRecord record = record(number);
    ended.delete(batch);
    batch.delete(Table.BROADCAST, Key.bytes(number));
    batch.delete(Table.PROGRESS, Key.bytes(number));
    batch.delete(Table.BROADCAST_ID, BroadcastTables.idKey(ended.app(), record.getId()));
    batch.delete(Table.NEWEST, BroadcastTables.newestKey(ended.app(), number));
    return 5 + deleteAll(Table.POINT, number);
  }

  private BroadcastRecord record(long number) {
    BroadcastRecord record =
        BroadcastTables.broadcast(batch.get(Table.BROADCAST, Key.bytes(number)));
    if (record == null) {
      throw new StoreException("a broadcast has no record");
    }
    return record;
  }

  /// Deletes every key of a broadcast; how many were found.
  private int deleteAll(Table table, long number) {
    List<byte[]> keys = new ArrayList<>();
    byte[] from = Key.bytes(number);
    byte[] to = Key.bytes(number + 1);
    batch.scanCommitted(
        table,
        from,
        to,
        (key, _) -> {
          keys.add(key);
          return keys.size() <= FEW;
        });
    if (keys.size() > FEW) {
      batch.deleteRange(table, from, to);
    } else {
      keys.forEach(key -> batch.delete(table, key));
    }
    return keys.size();
  }

  /// No broadcast below this number has recipients, or will have any. Broadcasts that this entry
  /// purged still count.
  public long leastWithReceipts(Stamp stamp, int app) {
    long[] least = {stamp.offset()};
    batch.scanCommitted(
        Table.WITH_RECEIPTS,
        BroadcastTables.liveKey(app, purged.getLeastReceipts()),
        Key.after(Key.bytes(app)),
        (key, _) -> {
          least[0] = BroadcastTables.liveNumber(key);
          return false;
        });
    purged.setLeastReceipts(least[0]);
    return least[0];
  }
}
