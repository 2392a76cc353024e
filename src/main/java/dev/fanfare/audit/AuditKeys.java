package dev.fanfare.audit;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.schema.AuditRecord;
import dev.fanfare.store.Key;
import dev.fanfare.store.StoreException;

/// Where the audit's entries are stored.
final class AuditKeys {
  private static final byte ENTRY = 0;
  private static final byte SUMMARY = 1;

  private AuditKeys() {}

  static byte[] entry(int app, long number) {
    return Key.of(app).and(ENTRY).and(number).toBytes();
  }

  /// Says which entry sums up an actor's changes of members.
  static byte[] summary(int app, String actor) {
    return Key.of(app).and(SUMMARY).and(actor).toBytes();
  }

  static AuditRecord parse(byte[] stored) {
    try {
      return AuditRecord.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("an entry of the audit is damaged", e);
    }
  }
}
