package dev.fanfare.member;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.journal.Allowance;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.DepartedRecord;
import dev.fanfare.schema.FormerMember;
import dev.fanfare.schema.MemberRecord;
import dev.fanfare.schema.PurgedRecord;
import dev.fanfare.schema.Registration;
import dev.fanfare.store.Batch;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.Key;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.RoaringBitmap;

/// Keeps what is asked about members who left: which id an ordinal had, and from when to when.
/// Owned by the applier's thread.
///
/// Only the latest [#KEPT] registrations of an id are kept, because a client can register and
/// remove one without end. One is forgotten, and with it whose the ordinal was, when the app's
/// receipts of that time are, and no bitmap can hold the ordinal.
public final class FormerMembers {
  static final int KEPT = 20;

  private final Batch batch;

  /// Removed of a member that is forgotten: ordinal, note and place in the order of removals.
  private static final int KEYS_OF_ONE = 3;

  public FormerMembers(Batch batch) {
    this.batch = batch;
  }

  /// Notes that a registration ended.
  void add(Stamp stamp, int app, String id, MemberRecord ended) {
    byte[] key = Members.key(app, id);
    batch.put(
        Table.DEPARTED,
        Key.of(app).and(stamp.offset()).and(ended.getOrdinal()).toBytes(),
        DepartedRecord.newBuilder().setMember(id).setTime(stamp.time()).build().toByteArray());
    FormerMember.Builder former = parse(batch.get(Table.FORMER_MEMBER, key)).toBuilder();
    if (former.getRegistrationsCount() == KEPT) {
      former.setForgottenUntil(former.getRegistrations(0).getRemovedAt()).removeRegistrations(0);
    }
    former.addRegistrations(
        Registration.newBuilder()
            .setOrdinal(ended.getOrdinal())
            .setRegistered(ended.getCreated())
            .setRegisteredAt(ended.getRegisteredAt())
            .setRemoved(stamp.time())
            .setRemovedAt(stamp.offset()));
    batch.put(Table.FORMER_MEMBER, key, former.build().toByteArray());
  }

  /// Forgets who left, oldest removal first. Visits what is committed, so it needs a group that
  /// begins with it.
  public void purge(int app, Range range, PurgedRecord.Builder purged, Allowance allowance) {
    batch.scanCommitted(
        Table.DEPARTED,
        Key.of(app).and(purged.getDepartedAt()).toBytes(),
        Key.of(app).and(range.before()).toBytes(),
        (key, value) -> {
          DepartedRecord departed = parseDeparted(value);
          if (allowance.isSpent() || departed.getTime() > range.until()) {
            return false;
          }
          ByteBuffer parts = ByteBuffer.wrap(key, Integer.BYTES, key.length - Integer.BYTES);
          long offset = parts.getLong();
          forget(app, parts.getInt());
          forget(Members.key(app, departed.getMember()), offset);
          batch.delete(Table.DEPARTED, key);
          purged.setDepartedAt(offset).setDeparted(departed.getTime());
          allowance.take(KEYS_OF_ONE);
          return true;
        });
  }

  /// Which removals may be forgotten.
  ///
  /// @param before those below this offset
  /// @param until those up to this journal time
  public record Range(long before, long until) {}

  private void forget(int app, int ordinal) {
    batch.delete(Table.ORDINAL, Members.ordinalKey(app, ordinal));
    byte[] chunk = Key.of(app).and(ordinal >>> 16).toBytes();
    RoaringBitmap removed = BitmapBytes.parse(batch.get(Table.REMOVED, chunk));
    removed.remove(ordinal & 0xFFFF);
    if (removed.isEmpty()) {
      batch.delete(Table.REMOVED, chunk);
    } else {
      batch.put(Table.REMOVED, chunk, BitmapBytes.serialize(removed));
    }
  }

  /// Forgets the registrations of an id that ended up to an offset.
  private void forget(byte[] key, long offset) {
    FormerMember former = parse(batch.get(Table.FORMER_MEMBER, key));
    List<Registration> left =
        former.getRegistrationsList().stream()
            .filter(registration -> registration.getRemovedAt() > offset)
            .toList();
    if (left.isEmpty()) {
      batch.delete(Table.FORMER_MEMBER, key);
    } else {
      FormerMember shorter =
          former.toBuilder().clearRegistrations().addAllRegistrations(left).build();
      batch.put(Table.FORMER_MEMBER, key, shorter.toByteArray());
    }
  }

  private static DepartedRecord parseDeparted(byte[] stored) {
    try {
      return DepartedRecord.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("the record of a removal is damaged", e);
    }
  }

  static FormerMember parse(byte @Nullable [] stored) {
    try {
      return stored == null ? FormerMember.getDefaultInstance() : FormerMember.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("the record of a former member is damaged", e);
    }
  }
}
