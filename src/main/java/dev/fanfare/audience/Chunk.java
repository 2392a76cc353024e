package dev.fanfare.audience;

import java.util.Comparator;

/// The part of a term that a checkpoint writes as one: the ordinals from 65,536 × number on.
///
/// @param number 0 … 65,535
public record Chunk(Term term, int number) implements Comparable<Chunk> {
  /// Ordinals in a chunk.
  static final int SIZE = 1 << 16;

  /// Numbers that chunks have; also what a search for a chunk answers when there is none.
  static final int END = 1 << 16;

  private static final Comparator<Chunk> ORDER =
      Comparator.comparing(Chunk::term).thenComparingInt(Chunk::number);

  public Chunk {
    if (number < 0 || number >= END) {
      throw new IllegalArgumentException("no chunk has the number " + number);
    }
  }

  static int of(int ordinal) {
    return ordinal >>> 16;
  }

  @Override
  public int compareTo(Chunk other) {
    return ORDER.compare(this, other);
  }
}
