package dev.fanfare.member;

import dev.fanfare.store.Batch;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.Key;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;
import org.roaringbitmap.RoaringBitmap;

/// A set of members that a command froze, stored by chunk of 65,536 ordinals.
///
/// @param app its number
/// @param id of the scan or removal that the set belongs to
record FrozenMembers(int app, long id) {

  byte[] key(int chunk) {
    return Key.of(app).and(id).and(chunk).toBytes();
  }

  private byte[] prefix() {
    return Key.of(app).and(id).toBytes();
  }

  /// Where the set's chunks end in the table.
  byte[] end() {
    return Key.after(prefix());
  }

  /// The number of a chunk, from its key.
  static int chunk(byte[] key) {
    return ByteBuffer.wrap(key).getInt(Integer.BYTES + Long.BYTES);
  }

  void put(Batch batch, RoaringBitmap members) {
    RoaringBitmap chunk = new RoaringBitmap();
    int number = -1;
    for (var ordinals = members.getIntIterator(); ordinals.hasNext(); ) {
      int ordinal = ordinals.next();
      if (ordinal >>> 16 != number) {
        put(batch, number, chunk);
        number = ordinal >>> 16;
        chunk = new RoaringBitmap();
      }
      chunk.add(ordinal & 0xFFFF);
    }
    put(batch, number, chunk);
  }

  private void put(Batch batch, int number, RoaringBitmap chunk) {
    if (!chunk.isEmpty()) {
      batch.put(Table.FROZEN, key(number), BitmapBytes.serialize(chunk));
    }
  }

  void delete(Batch batch) {
    batch.deleteRange(Table.FROZEN, prefix(), end());
  }

  /// Takes up to so many members out of the first chunk that is left, as committed. Empty when none
  /// is left.
  RoaringBitmap take(Batch batch, int most) {
    RoaringBitmap taken = new RoaringBitmap();
    batch.scanCommitted(
        Table.FROZEN,
        prefix(),
        end(),
        (key, value) -> {
          RoaringBitmap left = BitmapBytes.parse(value);
          RoaringBitmap first = left.limit(most);
          left.andNot(first);
          if (left.isEmpty()) {
            batch.delete(Table.FROZEN, key);
          } else {
            batch.put(Table.FROZEN, key, BitmapBytes.serialize(left));
          }
          taken.or(RoaringBitmap.addOffset(first, Integer.toUnsignedLong(chunk(key)) << 16));
          return false;
        });
    return taken;
  }
}
