package dev.fanfare.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.RoaringBitmap;

/// Bitmaps as the store holds them: RoaringBitmap's portable format, nothing for an empty one.
public final class BitmapBytes {
  private static final byte[] NONE = new byte[0];

  private BitmapBytes() {}

  /// A bitmap of the caller's own; empty for absent or empty bytes.
  ///
  /// @throws StoreException when the bytes are not a valid bitmap
  public static RoaringBitmap parse(byte @Nullable [] bytes) {
    RoaringBitmap bitmap = new RoaringBitmap();
    if (bytes != null && bytes.length > 0) {
      try {
        bitmap.deserialize(ByteBuffer.wrap(bytes));
      } catch (IOException | RuntimeException e) {
        throw new StoreException("a bitmap is damaged", e);
      }
    }
    return bitmap;
  }

  /// The bytes of a bitmap; compresses it in place first.
  public static byte[] serialize(RoaringBitmap bitmap) {
    if (bitmap.isEmpty()) {
      return NONE;
    }
    bitmap.runOptimize();
    ByteBuffer bytes = ByteBuffer.allocate(bitmap.serializedSizeInBytes());
    bitmap.serialize(bytes);
    return bytes.array();
  }
}
