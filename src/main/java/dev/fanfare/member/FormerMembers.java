package dev.fanfare.member;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.FormerMember;
import dev.fanfare.schema.MemberRecord;
import dev.fanfare.schema.Registration;
import dev.fanfare.store.Batch;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import org.jspecify.annotations.Nullable;

/// Keeps what is asked about members who left: which ordinal an id had, and from when to when.
/// Owned by the applier's thread.
///
/// Only the latest [#KEPT] registrations of an id are kept, because a client can register and
/// remove one without end.
final class FormerMembers {
  static final int KEPT = 20;

  private final Batch batch;

  FormerMembers(Batch batch) {
    this.batch = batch;
  }

  /// Notes that a registration ended.
  ///
  /// @param key the member's, as in [Table#MEMBER]
  void add(Stamp stamp, byte[] key, MemberRecord ended) {
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

  static FormerMember parse(byte @Nullable [] stored) {
    try {
      return stored == null ? FormerMember.getDefaultInstance() : FormerMember.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("the record of a former member is damaged", e);
    }
  }
}
