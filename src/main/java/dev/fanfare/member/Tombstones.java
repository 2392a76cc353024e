package dev.fanfare.member;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.journal.Allowance;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.AppRecord;
import dev.fanfare.schema.Limits;
import dev.fanfare.schema.TombstoneRecord;
import dev.fanfare.schema.TombstonesRecord;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Remembers who was removed and when, so that credentials from before stay refused. Owned by the
/// applier's thread.
///
/// An app's tombstones are a doubly linked list in the order of removal: one is taken out of the
/// middle, or the oldest dropped, by touching its neighbours alone. Each removal drops at most two
/// that are too many or too old, so that the work of a command is bounded however the limits
/// change; the rest is purged.
public final class Tombstones {
  private static final int DROPPED_AT_ONCE = 2;

  private final Batch batch;
  private final Map<Integer, TombstonesRecord> lists = new HashMap<>();

  public Tombstones(Batch batch) {
    this.batch = batch;
  }

  /// The tombstone of a member as committed or in this batch, or null.
  @Nullable TombstoneRecord find(int app, String id) {
    byte[] stored =
        list(app).getCount() == 0 ? null : batch.get(Table.TOMBSTONE, Members.key(app, id));
    return stored == null ? null : parse(stored);
  }

  /// Puts up a tombstone, in place of an older one of the same id.
  void add(Stamp stamp, AppRecord tenant, Removed removed) {
    int app = tenant.getNumber();
    lift(app, removed.id());
    TombstonesRecord list = list(app);
    long second = Math.floorDiv(stamp.time(), 1_000L);
    TombstoneRecord added =
        TombstoneRecord.newBuilder()
            .setRemoved(second)
            .setCredentialsNotBefore(removed.notBefore())
            .setOlder(list.getNewest())
            .build();
    put(app, removed.id(), added);
    TombstonesRecord.Builder longer = list.toBuilder().setNewest(removed.id());
    if (list.getNewest().isEmpty()) {
      longer.setOldest(removed.id());
    } else {
      TombstoneRecord before = known(app, list.getNewest());
      put(app, list.getNewest(), before.toBuilder().setNewer(removed.id()).build());
    }
    putList(app, longer.setCount(list.getCount() + 1).build());
    for (int dropped = 0; dropped < DROPPED_AT_ONCE && dropOne(second, tenant); dropped++) {
      // The next one.
    }
  }

  /// Who is removed.
  ///
  /// @param notBefore what the record says about its credentials
  record Removed(String id, long notBefore) {}

  /// Drops those that are too many or too old.
  public void purge(Stamp stamp, AppRecord tenant, Allowance allowance) {
    long second = Math.floorDiv(stamp.time(), 1_000L);
    while (!allowance.isSpent() && dropOne(second, tenant)) {
      allowance.take(1);
    }
  }

  private boolean dropOne(long second, AppRecord tenant) {
    int app = tenant.getNumber();
    Limits limits = tenant.getSettings().getLimits();
    TombstonesRecord list = list(app);
    if (list.getCount() == 0) {
      return false;
    }
    long age = second - known(app, list.getOldest()).getRemoved();
    boolean tooMany = Integer.compareUnsigned(list.getCount(), limits.getTombstones()) > 0;
    if (!tooMany && age <= Integer.toUnsignedLong(limits.getCredentialAgeSeconds())) {
      return false;
    }
    lift(app, list.getOldest());
    return true;
  }

  /// Takes away the tombstone of a member, if there is one.
  void lift(int app, String id) {
    TombstonesRecord list = list(app);
    TombstoneRecord lifted = find(app, id);
    if (lifted == null) {
      return;
    }
    String older = lifted.getOlder();
    String newer = lifted.getNewer();
    TombstonesRecord.Builder shorter = list.toBuilder().setCount(list.getCount() - 1);
    if (older.isEmpty()) {
      shorter.setOldest(newer);
    } else {
      put(app, older, known(app, older).toBuilder().setNewer(newer).build());
    }
    if (newer.isEmpty()) {
      shorter.setNewest(older);
    } else {
      put(app, newer, known(app, newer).toBuilder().setOlder(older).build());
    }
    batch.delete(Table.TOMBSTONE, Members.key(app, id));
    putList(app, shorter.build());
  }

  private TombstoneRecord known(int app, String id) {
    TombstoneRecord found = find(app, id);
    if (found == null) {
      throw new IllegalStateException("the list of tombstones is broken");
    }
    return found;
  }

  private void put(int app, String id, TombstoneRecord tombstone) {
    batch.put(Table.TOMBSTONE, Members.key(app, id), tombstone.toByteArray());
  }

  private TombstonesRecord list(int app) {
    return lists.computeIfAbsent(app, this::readList);
  }

  private TombstonesRecord readList(int app) {
    byte[] stored = batch.get(Table.TOMBSTONES, Key.bytes(app));
    try {
      return stored == null
          ? TombstonesRecord.getDefaultInstance()
          : TombstonesRecord.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("an app's list of tombstones is damaged", e);
    }
  }

  private void putList(int app, TombstonesRecord list) {
    lists.put(app, list);
    batch.put(Table.TOMBSTONES, Key.bytes(app), list.toByteArray());
  }

  static TombstoneRecord parse(byte[] stored) {
    try {
      return TombstoneRecord.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a removed member's tombstone is damaged", e);
    }
  }
}
