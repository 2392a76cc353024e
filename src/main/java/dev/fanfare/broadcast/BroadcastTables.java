package dev.fanfare.broadcast;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.schema.BroadcastProgress;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.CounterPoint;
import dev.fanfare.schema.DuplicateRecord;
import dev.fanfare.schema.SliceRecord;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Keys and values of the tables about broadcasts.
final class BroadcastTables {
  private BroadcastTables() {}

  static byte[] sliceKey(long broadcast, int slice) {
    return Key.of(broadcast).and(slice).toBytes();
  }

  static byte[] pointKey(long broadcast, int index) {
    return Key.of(broadcast).and(index).toBytes();
  }

  /// Broadcasts of an app in the order of these keys are newest first.
  static byte[] newestKey(int app, long broadcast) {
    return Key.of(app).and(Long.MAX_VALUE - broadcast).toBytes();
  }

  /// The broadcast that [#newestKey] was made for.
  static long newest(byte[] key) {
    return Long.MAX_VALUE - ByteBuffer.wrap(key).getLong(Integer.BYTES);
  }

  static byte[] liveKey(int app, long broadcast) {
    return Key.of(app).and(broadcast).toBytes();
  }

  /// The broadcast that [#liveKey] was made for.
  static long liveNumber(byte[] key) {
    return ByteBuffer.wrap(key).getLong(Integer.BYTES);
  }

  static byte[] idKey(int app, String id) {
    return Key.of(app).and(id).toBytes();
  }

  static @Nullable BroadcastRecord broadcast(byte @Nullable [] stored) {
    try {
      return stored == null ? null : BroadcastRecord.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a broadcast's record is damaged", e);
    }
  }

  static BroadcastProgress progress(byte @Nullable [] stored) {
    if (stored == null) {
      throw new StoreException("a broadcast's progress is missing");
    }
    try {
      return BroadcastProgress.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a broadcast's progress is damaged", e);
    }
  }

  /// A slice that was released.
  static SliceRecord slice(Batch batch, long broadcast, int slice) {
    byte[] stored = batch.get(Table.SLICE, sliceKey(broadcast, slice));
    if (stored == null) {
      throw new IllegalStateException("a released slice has no record");
    }
    return slice(stored);
  }

  static SliceRecord slice(byte[] stored) {
    try {
      return SliceRecord.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a slice's record is damaged", e);
    }
  }

  static CounterPoint point(byte @Nullable [] stored) {
    if (stored == null) {
      throw new StoreException("a counter point is missing");
    }
    try {
      return CounterPoint.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a counter point is damaged", e);
    }
  }

  static DuplicateRecord duplicate(byte[] stored) {
    try {
      return DuplicateRecord.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a duplicate's record is damaged", e);
    }
  }
}
