package dev.fanfare.audience;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Adds up an evaluation, and remembers enough to draw a sample from a second one.
final class Tally implements Evaluation.Visitor {
  private final List<Part> parts = new ArrayList<>();
  private long matched;

  /// @param before members in the chunks before it
  private record Part(int chunk, long before, int members) {}

  @Override
  public void accept(int chunk, long[] words) {
    int members = Words.cardinality(words);
    if (members > 0) {
      parts.add(new Part(chunk, matched, members));
      matched += members;
    }
  }

  int matched() {
    return Math.toIntExact(matched);
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
