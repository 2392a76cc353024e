package dev.fanfare.presence;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.member.OnlineChunk;
import dev.fanfare.schema.PresenceValue;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.PeekableIntIterator;
import org.roaringbitmap.RoaringBitmap;

/// Who is online in one part, as a record holds it: the lower 16 bits of up to 4,095 ordinals, two
/// bytes each, or 8,192 bytes with a bit for every ordinal. So a record has some 8 KB at most, and
/// any bytes of such a length are some members.
final class Packed {
  private static final int BITS = 8_192;
  private static final byte[] NOTHING = new byte[0];

  private Packed() {}

  /// @param online ordinals of one part
  static byte[] pack(RoaringBitmap online) {
    int count = online.getCardinality();
    boolean few = 2 * count < BITS;
    ByteBuffer packed = ByteBuffer.allocate(few ? 2 * count : BITS);
    for (PeekableIntIterator next = online.getIntIterator(); next.hasNext(); ) {
      int low = next.next() & 0xFFFF;
      if (few) {
        packed.putShort((short) low);
      } else {
        packed.put(low >>> 3, (byte) (packed.get(low >>> 3) | 1 << (low & 7)));
      }
    }
    return PresenceValue.newBuilder()
        .setOnline(ByteString.copyFrom(packed.array()))
        .build()
        .toByteArray();
  }

  /// The ordinals of one part: nobody when its record was buried, or is none that any version
  /// writes.
  static RoaringBitmap unpack(byte @Nullable [] value, OnlineChunk chunk) {
    byte[] packed = value == null ? NOTHING : online(value);
    RoaringBitmap online = new RoaringBitmap();
    int first = (int) chunk.first();
    if (packed.length == BITS) {
      for (int low = 0; low < 8 * BITS; low++) {
        if ((packed[low >>> 3] & 1 << (low & 7)) != 0) {
          online.add(first | low);
        }
      }
    } else {
      ByteBuffer lows = ByteBuffer.wrap(packed);
      while (lows.hasRemaining()) {
        online.add(first | (lows.getShort() & 0xFFFF));
      }
    }
    return online;
  }

  private static byte[] online(byte[] value) {
    try {
      byte[] packed = PresenceValue.parseFrom(value).getOnline().toByteArray();
      return packed.length <= BITS && packed.length % 2 == 0 ? packed : NOTHING;
    } catch (InvalidProtocolBufferException e) {
      return NOTHING;
    }
  }
}
