package dev.fanfare.audience;

import java.util.List;

/// Evaluates one plan once, chunk by chunk, forward only.
///
/// # The algorithm
///
/// The usual way combines whole bitmaps pairwise: every `and`, `or` and `not` builds a bitmap that
/// the next one takes apart again, chooses a container form for each of its chunks, counts it, and
/// leaves it to the garbage collector. Four terms over a million members spend most of their time
/// there.
///
/// Here the loops are turned inside out. The outer loop goes over chunks of 65,536 ordinals; for
/// each, the whole expression is worked out on plain words, 1,024 longs that stay in the
/// first-level cache, one buffer for each level of nesting. Nothing is built between the leaves and
/// the result, and nothing is allocated after the first chunk. Over words each operation is one
/// loop of vector instructions, the same for dense and sparse operands, so no form has to be
/// chosen; only at the leaves does the form matter: bits are copied, lists are scattered into the
/// words, or out of them for and-not.
///
/// A chunk is often decided before any word is touched. A leaf without members there empties its
/// intersection, and, negated, fills its union; the answers `NONE` and `ALL` travel up as such. And
/// [Plan#next] jumps over chunks in which nothing can be.
///
/// The cost is at most leaves × chunks × (a pass over 8 KB, or 4,096 scattered bits), whatever the
/// data: 4 to 20 microseconds per leaf and million members.
///
/// Belongs to one thread; the postings below the plan must not change meanwhile.
final class Evaluation {
  private final Plan plan;
  private final long[][] buffers;
  private final Cursor.Scratch scratch = new Cursor.Scratch();

  private enum Bits {
    NONE,
    ALL,
    /// Those in the buffer of the level, which may turn out to be none or all.
    SOME
  }

  Evaluation(Plan plan) {
    this.plan = plan;
    this.buffers = new long[plan.depth()][Words.LENGTH];
  }

  /// Takes a chunk and its members; the words are only lent.
  interface Visitor {
    void accept(int chunk, long[] words);
  }

  /// Visits, ascending, every chunk that has members, and perhaps some that have none.
  void forEach(Visitor visitor) {
    for (int chunk = plan.next(0); chunk < Chunk.END; chunk = plan.next(chunk + 1)) {
      at(chunk, visitor);
    }
  }

  /// Visits one chunk, which comes after those visited before, unless it has no members.
  void at(int chunk, Visitor visitor) {
    switch (evaluate(plan, chunk, 0)) {
      case NONE -> {}
      case SOME -> visitor.accept(chunk, buffers[0]);
      case ALL -> throw new IllegalStateException("a plan without bounds");
    }
  }

  private Bits evaluate(Plan part, int chunk, int level) {
    return switch (part) {
      case Plan.Constant.NOBODY -> Bits.NONE;
      case Plan.Constant.ANYBODY -> Bits.ALL;
      case Plan.Leaf leaf -> leaf(leaf, chunk, level);
      case Plan.Intersection all -> intersect(all, chunk, level);
      case Plan.Union any -> unite(any, chunk, level);
    };
  }

  private Bits leaf(Plan.Leaf leaf, int chunk, int level) {
    if (!leaf.in(chunk)) {
      return leaf.negated() ? Bits.ALL : Bits.NONE;
    }
    load(leaf, buffers[level]);
    return Bits.SOME;
  }

  private Bits intersect(Plan.Intersection all, int chunk, int level) {
    if (anyAbsent(all.leaves(), false, chunk)) {
      return Bits.NONE;
    }
    boolean some = false;
    for (Plan.Leaf leaf : all.leaves()) {
      if (leaf.in(chunk)) {
        if (some) {
          intersect(leaf, buffers[level]);
        } else {
          load(leaf, buffers[level]);
        }
        some = true;
      }
    }
    for (Plan part : all.nested()) {
      Bits bits = evaluate(part, chunk, level + 1);
      if (bits == Bits.NONE) {
        return Bits.NONE;
      }
      if (bits == Bits.SOME && some) {
        Words.and(buffers[level], buffers[level + 1]);
      } else if (bits == Bits.SOME) {
        lift(level);
        some = true;
      }
    }
    return some ? Bits.SOME : Bits.ALL;
  }

  private Bits unite(Plan.Union any, int chunk, int level) {
    if (anyAbsent(any.leaves(), true, chunk)) {
      return Bits.ALL;
    }
    boolean some = false;
    for (Plan.Leaf leaf : any.leaves()) {
      if (leaf.in(chunk)) {
        if (some) {
          unite(leaf, buffers[level]);
        } else {
          load(leaf, buffers[level]);
        }
        some = true;
      }
    }
    for (Plan part : any.nested()) {
      Bits bits = evaluate(part, chunk, level + 1);
      if (bits == Bits.ALL) {
        return Bits.ALL;
      }
      if (bits == Bits.SOME && some) {
        Words.or(buffers[level], buffers[level + 1]);
      } else if (bits == Bits.SOME) {
        lift(level);
        some = true;
      }
    }
    return some ? Bits.SOME : Bits.NONE;
  }

  private static boolean anyAbsent(List<Plan.Leaf> leaves, boolean negated, int chunk) {
    for (Plan.Leaf leaf : leaves) {
      if (leaf.negated() == negated && !leaf.in(chunk)) {
        return true;
      }
    }
    return false;
  }

  private void load(Plan.Leaf leaf, long[] words) {
    if (leaf.negated()) {
      leaf.cursor().loadNot(words, scratch);
    } else {
      leaf.cursor().load(words, scratch);
    }
  }

  private void intersect(Plan.Leaf leaf, long[] words) {
    if (leaf.negated()) {
      leaf.cursor().andNot(words, scratch);
    } else {
      leaf.cursor().load(scratch.words, scratch);
      Words.and(words, scratch.words);
    }
  }

  private void unite(Plan.Leaf leaf, long[] words) {
    if (leaf.negated()) {
      leaf.cursor().load(scratch.words, scratch);
      Words.orNot(words, scratch.words);
    } else {
      leaf.cursor().or(words, scratch);
    }
  }

  /// Makes the result of the level below the first operand of this one.
  private void lift(int level) {
    long[] words = buffers[level];
    buffers[level] = buffers[level + 1];
    buffers[level + 1] = words;
  }
}
