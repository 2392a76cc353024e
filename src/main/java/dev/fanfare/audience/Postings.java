package dev.fanfare.audience;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.RoaringBitmap;

/// The members of one term, in a form that suits their number.
///
/// Most terms of a large app have one member or a few; a bitmap costs hundreds of bytes before it
/// holds anything. A form that no longer suits is replaced: [#with] and [#without] answer the
/// postings to go on with. Belongs to the index and its lock.
sealed interface Postings {
  /// Up to this many members are a list.
  int LISTED = 1_024;

  /// A bitmap becomes a list again at this many, well below, so that no term flickers.
  int SHRUNK = LISTED / 2;

  Postings with(int ordinal);

  /// Null when nobody is left.
  @Nullable Postings without(int ordinal);

  Cursor cursor();

  /// One member.
  final class One implements Postings {
    private final int ordinal;

    One(int ordinal) {
      this.ordinal = ordinal;
    }

    @Override
    public Postings with(int another) {
      return another == ordinal ? this : new Few(ordinal).with(another);
    }

    @Override
    public @Nullable Postings without(int another) {
      return another == ordinal ? null : this;
    }

    @Override
    public Cursor cursor() {
      return new Cursor.OverList(new int[] {ordinal}, 1);
    }
  }

  /// A list, ascending as unsigned numbers, that grows by half.
  final class Few implements Postings {
    private int[] ordinals;
    private int size;

    private Few(int ordinal) {
      ordinals = new int[] {ordinal, 0};
      size = 1;
    }

    private Few(RoaringBitmap bitmap) {
      ordinals = bitmap.toArray();
      size = ordinals.length;
    }

    @Override
    public Postings with(int ordinal) {
      int place = find(ordinal);
      if (place >= 0) {
        return this;
      }
      if (size == LISTED) {
        return new Many(Arrays.copyOf(ordinals, size)).with(ordinal);
      }
      if (size == ordinals.length) {
        ordinals = Arrays.copyOf(ordinals, Math.min(size + (size + 1) / 2, LISTED));
      }
      int insertion = -place - 1;
      System.arraycopy(ordinals, insertion, ordinals, insertion + 1, size - insertion);
      ordinals[insertion] = ordinal;
      size++;
      return this;
    }

    @Override
    public Postings without(int ordinal) {
      int place = find(ordinal);
      if (place < 0) {
        return this;
      }
      size--;
      System.arraycopy(ordinals, place + 1, ordinals, place, size - place);
      if (size == 1) {
        return new One(ordinals[0]);
      }
      if (size < ordinals.length / 2) {
        ordinals = Arrays.copyOf(ordinals, size);
      }
      return this;
    }

    @Override
    public Cursor cursor() {
      return new Cursor.OverList(ordinals, size);
    }

    /// As [Arrays#binarySearch], by unsigned order. New ordinals are the greatest: looked at first.
    private int find(int ordinal) {
      if (Integer.compareUnsigned(ordinals[size - 1], ordinal) < 0) {
        return -size - 1;
      }
      int low = 0;
      int high = size - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        int order = Integer.compareUnsigned(ordinals[middle], ordinal);
        if (order == 0) {
          return middle;
        }
        if (order < 0) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return -low - 1;
    }
  }

  /// A bitmap and its cardinality, which the bitmap itself would have to add up.
  final class Many implements Postings {
    private final RoaringBitmap bitmap;
    private long size;

    private Many(int[] ordinals) {
      bitmap = RoaringBitmap.bitmapOf(ordinals);
      size = ordinals.length;
    }

    private Many(RoaringBitmap bitmap) {
      this.bitmap = bitmap;
      size = bitmap.getLongCardinality();
    }

    @Override
    public Postings with(int ordinal) {
      size += bitmap.checkedAdd(ordinal) ? 1 : 0;
      return this;
    }

    @Override
    public Postings without(int ordinal) {
      size -= bitmap.checkedRemove(ordinal) ? 1 : 0;
      return size > SHRUNK ? this : new Few(bitmap);
    }

    @Override
    public Cursor cursor() {
      return new Cursor.OverBitmap(bitmap, size);
    }
  }

  /// Those of one chunk more; the chunk is not empty.
  static Postings joined(@Nullable Postings postings, RoaringBitmap chunk) {
    if (postings instanceof Many many) {
      many.bitmap.or(chunk);
      many.size = many.bitmap.getLongCardinality();
      return many;
    }
    if (postings == null && chunk.getLongCardinality() > LISTED) {
      return new Many(chunk);
    }
    Postings joined = postings;
    for (int ordinal : chunk.toArray()) {
      joined = joined == null ? new One(ordinal) : joined.with(ordinal);
    }
    if (joined == null) {
      throw new IllegalArgumentException("an empty chunk");
    }
    return joined;
  }
}
