package dev.fanfare.broadcast;

import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;

/// A broadcast that can no longer be delivered nor recalled, and since when: a key of
/// [Table#ENDED].
///
/// @param left what is left of it
/// @param since journal time
record Ended(int app, Left left, long since, long number) {

  enum Left {
    /// Everything.
    ALL(0),
    /// Its record and counters.
    RECORD(1);

    private final byte code;

    Left(int code) {
      this.code = (byte) code;
    }
  }

  static Ended of(byte[] key) {
    ByteBuffer parts = ByteBuffer.wrap(key);
    int app = parts.getInt();
    Left left = Left.values()[parts.get()];
    return new Ended(app, left, parts.getLong(), parts.getLong());
  }

  /// Where the keys begin of those that ended at a time or later.
  static byte[] from(int app, Left left, long since) {
    return Key.of(app).and(left.code).and(since).toBytes();
  }

  void put(Batch batch) {
    batch.put(Table.ENDED, key(), new byte[0]);
  }

  void delete(Batch batch) {
    batch.delete(Table.ENDED, key());
  }

  private byte[] key() {
    return Key.of(app).and(left.code).and(since).and(number).toBytes();
  }
}
