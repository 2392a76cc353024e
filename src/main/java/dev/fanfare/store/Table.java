package dev.fanfare.store;

/// A table of the store: an ordered map from bytes to bytes, keys compared as unsigned bytes.
///
/// The keys below name their parts; numbers are big-endian, so that key order is numeric order. The
/// values are the messages of `records.proto` unless something else is said.
public enum Table {
  /// A fixed name → `Applied`, `CellRecord` or a number.
  META,
  /// offset → `Entry`.
  JOURNAL,
  /// offset of the last entry of a commit → `IndexDeltas`.
  DELTA,
  /// app number → `AppRecord`.
  APP,
  /// app number → `AppCounters`.
  COUNTERS,
  /// app number, member id → `MemberRecord`.
  MEMBER,
  /// app number, ordinal → the member's id in UTF-8; kept after removal, while some bitmap can hold
  /// the ordinal.
  ORDINAL,
  /// app number, offset of the removal, ordinal → `DepartedRecord`; the members that were removed
  /// and are not forgotten.
  DEPARTED,
  /// app number, member id → `FormerMember`.
  FORMER_MEMBER,
  /// app number, chunk → a bitmap of the removed members' low 16 bits.
  REMOVED,
  /// app number, kind, name → `TermRecord`.
  TERM,
  /// app number, kind, name, chunk → a bitmap of low 16 bits.
  INDEX,
  /// broadcast number → `BroadcastRecord`.
  BROADCAST,
  /// broadcast number → `BroadcastProgress`.
  PROGRESS,
  /// broadcast number, slice → `SliceRecord`.
  SLICE,
  /// broadcast number, index → `CounterPoint`.
  POINT,
  /// broadcast number, set, chunk → a bitmap of low 16 bits.
  CHUNK,
  /// app number, broadcast id → broadcast number. Ids are unique within an app.
  BROADCAST_ID,
  /// app number, greatest number − broadcast number → nothing; the newest comes first.
  NEWEST,
  /// app number, broadcast number → nothing; the broadcasts that can still be delivered or
  /// recalled.
  LIVE,
  /// app number, kind, key → `DuplicateRecord`.
  DUPLICATE,
  /// app number, journal time, kind, key → nothing; when a duplicate record ends.
  DUPLICATE_END,
  /// app number, broadcast number → nothing; the broadcasts that have or may get recipients.
  WITH_RECEIPTS,
  /// app number, what is left (0 all, 1 the record), journal time, broadcast number → nothing; the
  /// broadcasts that ended, by when.
  ENDED,
  /// app number → `PurgedRecord`.
  PURGED,
  /// day since the epoch, access key → `DailyCount`.
  DAILY_COUNT,
  /// app number → how many broadcasts stopped counting as live; app number, place in a ring →
  /// broadcast number.
  UNCOUNTED,
  /// app number, scan → `ScanRecord`.
  SCAN,
  /// app number, scan or removal of a tag, chunk → a bitmap of low 16 bits.
  FROZEN,
  /// app number (0 for the cell), 0, number → `AuditRecord`; or app number, 1, actor → the number
  /// of the entry that sums up this actor's changes of members.
  AUDIT,
  /// app number, member id → `TombstoneRecord`.
  TOMBSTONE,
  /// app number → `TombstonesRecord`.
  TOMBSTONES,
  /// app number → `WebhooksRecord`.
  WEBHOOK,
  /// app number, offset, part → `EventRecord`; what some webhook has not had yet.
  EVENT
}
