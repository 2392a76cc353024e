package dev.fanfare.replica;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.app.AppCommands;
import dev.fanfare.app.DailyBudgets;
import dev.fanfare.broadcast.BroadcastPurge;
import dev.fanfare.broadcast.Duplicates;
import dev.fanfare.journal.Allowance;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.member.FormerMembers;
import dev.fanfare.member.ScanCommands;
import dev.fanfare.member.Tombstones;
import dev.fanfare.schema.AppRecord;
import dev.fanfare.schema.Limits;
import dev.fanfare.schema.PurgedRecord;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import dev.fanfare.webhook.Events;

/// Removes what an app has kept long enough, a bounded part of it with each entry. Owned by the
/// applier's thread.
///
/// Journal time and the app's limits alone decide, so an early or repeated entry is harmless. It
/// visits what is committed, so it needs a group that begins with it.
final class Purging {
  /// Keys that one entry removes at most, about.
  static final int MOST_KEYS = 1_000;

  private final Batch batch;
  private final AppCommands apps;
  private final ScanCommands scans;

  Purging(Batch batch, AppCommands apps, ScanCommands scans) {
    this.batch = batch;
    this.apps = apps;
    this.scans = scans;
  }

  /// Refused with [Refusal.NotDue] when there is nothing to remove.
  Outcome purge(Stamp stamp, int app, int keys) {
    AppRecord tenant = apps.record(app);
    Limits limits = tenant.getSettings().getLimits();
    Allowance allowance = new Allowance(Math.clamp(keys, 0, MOST_KEYS));
    PurgedRecord.Builder purged = purged(app).toBuilder();
    BroadcastPurge broadcasts = new BroadcastPurge(batch, limits, purged);
    broadcasts.purge(stamp, app, allowance);
    FormerMembers.Range forgettable =
        forgettable(stamp, app, limits, broadcasts.leastWithReceipts(stamp, app));
    new FormerMembers(batch).purge(app, forgettable, purged, allowance);
    new Duplicates(batch).purge(stamp, app, purged, allowance);
    new DailyBudgets(batch, apps).purge(stamp, allowance);
    new Tombstones(batch).purge(stamp, tenant, allowance);
    scans.purge(stamp, app, allowance);
    if (allowance.isWhole()) {
      return new Outcome.Refused(new Refusal.NotDue());
    }
    batch.put(Table.PURGED, Key.bytes(app), purged.build().toByteArray());
    return new Outcome.Done();
  }

  /// A removed member stays known as long as receipts are kept, and while the recipients of some
  /// broadcast or an event for a webhook can hold its ordinal.
  private FormerMembers.Range forgettable(Stamp stamp, int app, Limits limits, long least) {
    long event = Events.oldestPending(batch, app);
    long kept = Integer.toUnsignedLong(limits.getReceiptSeconds()) * 1_000;
    return new FormerMembers.Range(Math.min(least, event), stamp.time() - kept);
  }

  private PurgedRecord purged(int app) {
    byte[] stored = batch.get(Table.PURGED, Key.bytes(app));
    try {
      return stored == null ? PurgedRecord.getDefaultInstance() : PurgedRecord.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("how far purging has come is damaged", e);
    }
  }
}
