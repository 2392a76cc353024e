package dev.fanfare.audience;

import java.util.Arrays;
import org.roaringbitmap.ArrayContainer;
import org.roaringbitmap.BitmapContainer;
import org.roaringbitmap.Container;

/// Loops over the 1,024 words that hold one chunk as plain bits.
///
/// Each loop is alone in its method and runs over a constant range, which is what the JIT needs to
/// turn it into vector instructions.
final class Words {
  static final int LENGTH = Chunk.SIZE / Long.SIZE;

  /// Up to this many, a container lists its members.
  private static final int LISTED = 4_096;

  private Words() {}

  static void and(long[] words, long[] other) {
    for (int i = 0; i < LENGTH; i++) {
      words[i] &= other[i];
    }
  }

  static void andNot(long[] words, long[] other) {
    for (int i = 0; i < LENGTH; i++) {
      words[i] &= ~other[i];
    }
  }

  static void or(long[] words, long[] other) {
    for (int i = 0; i < LENGTH; i++) {
      words[i] |= other[i];
    }
  }

  static void orNot(long[] words, long[] other) {
    for (int i = 0; i < LENGTH; i++) {
      words[i] |= ~other[i];
    }
  }

  static void invert(long[] words) {
    for (int i = 0; i < LENGTH; i++) {
      words[i] = ~words[i];
    }
  }

  static int cardinality(long[] words) {
    int cardinality = 0;
    for (int i = 0; i < LENGTH; i++) {
      cardinality += Long.bitCount(words[i]);
    }
    return cardinality;
  }

  /// Sets the bits named by the low 16 bits of the values from `from` to before `to`.
  ///
  /// Neighbours in an ascending list share words, so that each waits for the other's store. Going
  /// through eight places of the list at a time keeps the waits apart, for a quarter less time.
  static void set(long[] words, int[] values, int from, int to) {
    int lane = (to - from) >> 3;
    for (int i = from; i < from + lane; i++) {
      set(words, values[i]);
      set(words, values[i + lane]);
      set(words, values[i + 2 * lane]);
      set(words, values[i + 3 * lane]);
      set(words, values[i + 4 * lane]);
      set(words, values[i + 5 * lane]);
      set(words, values[i + 6 * lane]);
      set(words, values[i + 7 * lane]);
    }
    for (int i = from + 8 * lane; i < to; i++) {
      set(words, values[i]);
    }
  }

  /// Clears them.
  static void clear(long[] words, int[] values, int from, int to) {
    int lane = (to - from) >> 3;
    for (int i = from; i < from + lane; i++) {
      clear(words, values[i]);
      clear(words, values[i + lane]);
      clear(words, values[i + 2 * lane]);
      clear(words, values[i + 3 * lane]);
      clear(words, values[i + 4 * lane]);
      clear(words, values[i + 5 * lane]);
      clear(words, values[i + 6 * lane]);
      clear(words, values[i + 7 * lane]);
    }
    for (int i = from + 8 * lane; i < to; i++) {
      clear(words, values[i]);
    }
  }

  private static void set(long[] words, int value) {
    words[(value & 0xFFFF) >>> 6] |= 1L << value;
  }

  private static void clear(long[] words, int value) {
    words[(value & 0xFFFF) >>> 6] &= ~(1L << value);
  }

  /// The value of the n-th bit that is set, from 0.
  static int select(long[] words, int n) {
    int rest = n;
    int i = 0;
    while (rest >= Long.bitCount(words[i])) {
      rest -= Long.bitCount(words[i++]);
    }
    long word = words[i];
    for (; rest > 0; rest--) {
      word &= word - 1;
    }
    return i * Long.SIZE + Long.numberOfTrailingZeros(word);
  }

  /// A container with these bits, in the form that suits their number.
  static Container container(long[] words, int cardinality) {
    if (cardinality > LISTED) {
      return new BitmapContainer(Arrays.copyOf(words, LENGTH), cardinality);
    }
    char[] values = new char[cardinality];
    int next = 0;
    for (int i = 0; i < LENGTH; i++) {
      for (long word = words[i]; word != 0; word &= word - 1) {
        values[next++] = (char) (i * Long.SIZE + Long.numberOfTrailingZeros(word));
      }
    }
    return new ArrayContainer(values);
  }
}
