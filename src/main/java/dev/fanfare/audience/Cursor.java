package dev.fanfare.audience;

import java.util.Arrays;
import org.roaringbitmap.ArrayContainer;
import org.roaringbitmap.BitmapContainer;
import org.roaringbitmap.Container;
import org.roaringbitmap.ContainerPointer;
import org.roaringbitmap.RoaringBitmap;

/// Walks the members of one term chunk by chunk, forward only, and applies the chunk it stands on
/// to plain words.
///
/// Belongs to one evaluation; the postings below must not change while it lives.
sealed interface Cursor {
  /// Moves to the first chunk from this one on that has members; its number, or [Chunk#END].
  int seek(int chunk);

  /// How many members the term has, in all chunks.
  long size();

  /// Overwrites the words with the chunk.
  void load(long[] words, Scratch scratch);

  /// Overwrites the words with all that is not in the chunk.
  void loadNot(long[] words, Scratch scratch);

  void or(long[] words, Scratch scratch);

  void andNot(long[] words, Scratch scratch);

  /// Room that every cursor of an evaluation uses in turn.
  final class Scratch {
    final long[] words = new long[Words.LENGTH];
    private final int[] values = new int[4_096];
  }

  /// Over a list, ascending as unsigned numbers.
  final class OverList implements Cursor {
    private final int[] ordinals;
    private final int size;
    private int from;
    private int to;

    OverList(int[] ordinals, int size) {
      this.ordinals = ordinals;
      this.size = size;
    }

    @Override
    public int seek(int chunk) {
      while (from < size && Chunk.of(ordinals[from]) < chunk) {
        from++;
      }
      if (from == size) {
        return Chunk.END;
      }
      int found = Chunk.of(ordinals[from]);
      to = Math.max(to, from);
      while (to < size && Chunk.of(ordinals[to]) == found) {
        to++;
      }
      return found;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public void load(long[] words, Scratch scratch) {
      Arrays.fill(words, 0);
      or(words, scratch);
    }

    @Override
    public void loadNot(long[] words, Scratch scratch) {
      Arrays.fill(words, -1);
      andNot(words, scratch);
    }

    @Override
    public void or(long[] words, Scratch scratch) {
      Words.set(words, ordinals, from, to);
    }

    @Override
    public void andNot(long[] words, Scratch scratch) {
      Words.clear(words, ordinals, from, to);
    }
  }

  /// Over a bitmap.
  final class OverBitmap implements Cursor {
    private final ContainerPointer pointer;
    private final long size;

    OverBitmap(RoaringBitmap bitmap, long size) {
      this.pointer = bitmap.getContainerPointer();
      this.size = size;
    }

    @Override
    public int seek(int chunk) {
      while (pointer.getContainer() != null && pointer.key() < chunk) {
        pointer.advance();
      }
      return pointer.getContainer() == null ? Chunk.END : pointer.key();
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public void load(long[] words, Scratch scratch) {
      Container container = pointer.getContainer();
      if (!(container instanceof BitmapContainer)) {
        Arrays.fill(words, 0);
      }
      if (container instanceof ArrayContainer list) {
        Words.set(words, values(list, scratch), 0, list.getCardinality());
      } else {
        container.copyBitmapTo(words, 0);
      }
    }

    @Override
    public void loadNot(long[] words, Scratch scratch) {
      if (pointer.getContainer() instanceof ArrayContainer) {
        Arrays.fill(words, -1);
        andNot(words, scratch);
      } else {
        load(words, scratch);
        Words.invert(words);
      }
    }

    @Override
    public void or(long[] words, Scratch scratch) {
      if (pointer.getContainer() instanceof ArrayContainer list) {
        Words.set(words, values(list, scratch), 0, list.getCardinality());
      } else {
        load(scratch.words, scratch);
        Words.or(words, scratch.words);
      }
    }

    @Override
    public void andNot(long[] words, Scratch scratch) {
      if (pointer.getContainer() instanceof ArrayContainer list) {
        Words.clear(words, values(list, scratch), 0, list.getCardinality());
      } else {
        load(scratch.words, scratch);
        Words.andNot(words, scratch.words);
      }
    }

    private static int[] values(ArrayContainer list, Scratch scratch) {
      list.fillLeastSignificant16bits(scratch.values, 0, 0);
      return scratch.values;
    }
  }
}
