package dev.fanfare.replica;

import dev.fanfare.audience.Chunk;
import dev.fanfare.audience.Index;
import dev.fanfare.audience.Term;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Brings the index to disk while it changes, and back.
///
/// Every commit stores its index deltas. A checkpoint notes the index's position, rewrites one by
/// one the chunks that changed since the last one, and stores the position last; then deltas up to
/// it are dropped. A chunk may be newer than the position: deltas set absolute bits, so playing
/// them again over newer chunks ends in the same place. So there is no pause, no snapshot and no
/// scan of members.
final class Checkpoints {
  private static final byte[] POSITION = Key.bytes("checkpoint");
  private static final long BATCH_BYTES = 1L << 20;

  private final Store store;
  private final Index index;

  Checkpoints(Store store, Index index) {
    this.store = store;
    this.index = index;
  }

  /// Writes a checkpoint. One thread at a time; commits go on meanwhile.
  void write() {
    long position = index.position();
    List<Chunk> dirty = index.takeDirty();
    try {
      Batch batch = new Batch(store);
      for (Chunk chunk : dirty) {
        put(batch, chunk);
        if (batch.bytes() > BATCH_BYTES) {
          store.write(batch);
          batch = new Batch(store);
        }
      }
      batch.put(Table.META, POSITION, Key.bytes(position));
      store.write(batch);
    } catch (RuntimeException e) {
      index.markDirty(dirty);
      throw e;
    }
    Batch old = new Batch(store);
    old.deleteRange(Table.DELTA, Key.bytes(0L), Key.bytes(position + 1));
    store.write(old);
  }

  /// Reads the chunks of the last checkpoint into an empty index; returns its position.
  long load() {
    store.scan(
        Table.INDEX,
        new byte[0],
        null,
        (key, value) -> {
          int chunk = ByteBuffer.wrap(key).getInt(key.length - Integer.BYTES);
          loadChunk(term(key), chunk, value);
          return true;
        });
    byte[] stored = store.get(Table.META, POSITION);
    return stored == null ? 0 : ByteBuffer.wrap(stored).getLong();
  }

  private void loadChunk(Term term, int chunk, byte[] bytes) {
    try {
      index.load(term, chunk, bytes);
    } catch (IllegalArgumentException e) {
      throw new StoreException("the index checkpoint is damaged", e);
    }
  }

  private void put(Batch batch, Chunk chunk) {
    byte[] key =
        Key.of(chunk.term().app())
            .and((byte) chunk.term().kind())
            .and(chunk.term().name())
            .and(chunk.number())
            .toBytes();
    byte[] bytes = index.chunk(chunk.term(), chunk.number());
    if (bytes.length == 0) {
      batch.delete(Table.INDEX, key);
    } else {
      batch.put(Table.INDEX, key, bytes);
    }
  }

  private static Term term(byte[] key) {
    int nameStart = Integer.BYTES + 1;
    byte[] name = Arrays.copyOfRange(key, nameStart, key.length - Integer.BYTES);
    return new Term(
        ByteBuffer.wrap(key).getInt(),
        key[Integer.BYTES],
        new String(name, StandardCharsets.UTF_8));
  }
}
