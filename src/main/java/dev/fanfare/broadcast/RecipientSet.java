package dev.fanfare.broadcast;

import dev.fanfare.store.Batch;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.Key;
import dev.fanfare.store.Table;
import org.roaringbitmap.RoaringBitmap;

/// The four sets of members that a broadcast knows, each stored by chunk of 65,536 ordinals.
enum RecipientSet {
  RECIPIENTS(0),
  REACHED(1),
  DELIVERED(2),
  READ(3);

  private final byte code;

  RecipientSet(int code) {
    this.code = (byte) code;
  }

  byte[] key(long broadcast, int chunk) {
    return Key.of(broadcast).and(code).and(chunk).toBytes();
  }

  byte[] prefix(long broadcast) {
    return Key.of(broadcast).and(code).toBytes();
  }

  /// Writes a whole set into a batch.
  void put(Batch batch, long broadcast, RoaringBitmap members) {
    RoaringBitmap chunk = new RoaringBitmap();
    int number = -1;
    for (var ordinals = members.getIntIterator(); ordinals.hasNext(); ) {
      int ordinal = ordinals.next();
      if (ordinal >>> 16 != number) {
        putChunk(batch, broadcast, number, chunk);
        number = ordinal >>> 16;
        chunk = new RoaringBitmap();
      }
      chunk.add(ordinal & 0xFFFF);
    }
    putChunk(batch, broadcast, number, chunk);
  }

  private void putChunk(Batch batch, long broadcast, int number, RoaringBitmap chunk) {
    if (!chunk.isEmpty()) {
      batch.put(Table.CHUNK, key(broadcast, number), BitmapBytes.serialize(chunk));
    }
  }

  /// The members of a chunk, as low 16 bits, with what the batch has changed; the caller's own.
  RoaringBitmap read(Batch batch, long broadcast, int chunk) {
    return BitmapBytes.parse(batch.get(Table.CHUNK, key(broadcast, chunk)));
  }
}
