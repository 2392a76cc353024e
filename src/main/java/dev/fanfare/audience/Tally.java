package dev.fanfare.audience;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.roaringbitmap.RoaringBitmap;

/// Adds up an evaluation and what it has in common with a bitmap, and remembers enough to draw a
/// sample from a second one.
final class Tally implements Evaluation.Visitor {
  private final List<Part> parts = new ArrayList<>();
  private final Cursor online;
  private final Cursor.Scratch scratch = new Cursor.Scratch();
  private long matched;
  private long both;

  Tally(RoaringBitmap online) {
    this.online = new Cursor.OverBitmap(online, online.getLongCardinality());
  }

  /// @param before members in the chunks before it
  private record Part(int chunk, long before, int members) {}

  @Override
  public void accept(int chunk, long[] words) {
    int members = Words.cardinality(words);
    if (members > 0) {
      parts.add(new Part(chunk, matched, members));
      matched += members;
      if (online.seek(chunk) == chunk) {
        online.load(scratch.words, scratch);
        Words.and(scratch.words, words);
        both += Words.cardinality(scratch.words);
      }
    }
  }

  int matched() {
    return Math.toIntExact(matched);
  }

  /// How many of the members are online.
  int online() {
    return Math.toIntExact(both);
  }

  /// Ordinals of up to `size` members, evenly spread, so that a sample is not just the oldest.
  ///
  /// Members are numbered in ascending order and drawn by number; only chunks that hold one that is
  /// drawn are evaluated again.
  int[] sample(int size, Supplier<Evaluation> again) {
    int[] ordinals = new int[(int) Math.min(size, matched)];
    if (ordinals.length == 0) {
      return ordinals;
    }
    Evaluation evaluation = again.get();
    int[] drawn = {0};
    for (Part part : parts) {
      long end = part.before + part.members;
      if (drawn[0] < ordinals.length && number(drawn[0], ordinals.length) < end) {
        evaluation.at(
            part.chunk,
            (chunk, words) -> {
              while (drawn[0] < ordinals.length && number(drawn[0], ordinals.length) < end) {
                int rank = (int) (number(drawn[0], ordinals.length) - part.before);
                ordinals[drawn[0]++] = chunk << 16 | Words.select(words, rank);
              }
            });
      }
    }
    return ordinals;
  }

  private long number(int draw, int draws) {
    return matched * draw / draws;
  }
}
