package dev.fanfare.audience;

import java.util.List;

/// A selection bound to the postings of one moment; see [Planner].
///
/// Bounded means: never selects outside everyone of the app. An unbounded plan may, because its
/// complements are taken from all numbers there are.
sealed interface Plan {
  boolean bounded();

  /// A number from `chunk` on that no chunk with members is below; [Chunk#END] when none is left.
  int next(int chunk);

  /// Levels of nesting; a leaf has one.
  int depth();

  /// What needs no looking up.
  enum Constant implements Plan {
    NOBODY,
    /// Every number there is.
    ANYBODY;

    @Override
    public boolean bounded() {
      return this == NOBODY;
    }

    @Override
    public int next(int chunk) {
      return this == NOBODY ? Chunk.END : chunk;
    }

    @Override
    public int depth() {
      return 1;
    }
  }

  /// The members of one term or list, or all numbers but those.
  record Leaf(Cursor cursor, boolean negated, boolean bounded) implements Plan {
    boolean in(int chunk) {
      return cursor.seek(chunk) == chunk;
    }

    @Override
    public int next(int chunk) {
      return negated ? chunk : cursor.seek(chunk);
    }

    @Override
    public int depth() {
      return 1;
    }
  }

  /// The members of every part.
  record Intersection(List<Leaf> leaves, List<Plan> nested, boolean bounded, int depth)
      implements Plan {
    @Override
    public int next(int chunk) {
      int next = chunk;
      for (Leaf leaf : leaves) {
        next = Math.max(next, leaf.next(chunk));
      }
      for (Plan part : nested) {
        next = Math.max(next, part.next(chunk));
      }
      return next;
    }
  }

  /// The members of any part.
  record Union(List<Leaf> leaves, List<Plan> nested, boolean bounded, int depth) implements Plan {
    @Override
    public int next(int chunk) {
      int next = Chunk.END;
      for (Leaf leaf : leaves) {
        next = Math.min(next, leaf.next(chunk));
      }
      for (Plan part : nested) {
        next = Math.min(next, part.next(chunk));
      }
      return next;
    }
  }
}
