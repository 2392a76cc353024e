package dev.fanfare.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Builds a key from its parts, big-endian, so that byte order is the order of the parts.
///
/// Text may only come where the table's layout lets its end be known: last, or followed by parts of
/// fixed length.
public final class Key {
  private byte[] bytes = new byte[32];
  private int length;

  private Key() {}

  /// A key that begins with a 32-bit number, such as that of an app.
  public static Key of(int number) {
    return new Key().and(number);
  }

  /// A key that begins with a 64-bit number, such as an offset.
  public static Key of(long number) {
    return new Key().and(number);
  }

  /// The whole key for one 64-bit number.
  public static byte[] bytes(long number) {
    return ByteBuffer.allocate(8).putLong(number).array();
  }

  /// The whole key for one 32-bit number.
  public static byte[] bytes(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  /// The whole key for a fixed name.
  public static byte[] bytes(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  /// The least key that is greater than every key with this prefix, which must not be all 0xFF.
  public static byte[] after(byte[] prefix) {
    for (int last = prefix.length - 1; last >= 0; last--) {
      if (prefix[last] != (byte) 0xFF) {
        byte[] next = Arrays.copyOf(prefix, last + 1);
        next[last]++;
        return next;
      }
    }
    throw new IllegalArgumentException("nothing comes after this prefix");
  }

  public Key and(int number) {
    reserve(4);
    ByteBuffer.wrap(bytes).putInt(length, number);
    length += 4;
    return this;
  }

  public Key and(long number) {
    reserve(8);
    ByteBuffer.wrap(bytes).putLong(length, number);
    length += 8;
    return this;
  }

  public Key and(byte number) {
    reserve(1);
    bytes[length++] = number;
    return this;
  }

  public Key and(String text) {
    return and(text.getBytes(StandardCharsets.UTF_8));
  }

  public Key and(byte[] part) {
    reserve(part.length);
    System.arraycopy(part, 0, bytes, length, part.length);
    length += part.length;
    return this;
  }

  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  private void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
