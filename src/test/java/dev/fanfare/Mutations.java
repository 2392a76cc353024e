package dev.fanfare;

import java.util.List;
import java.util.SplittableRandom;

/// Damages text at random: cuts, repeats, and puts in characters and words that parsers stumble
/// over.
///
/// @param words put in whole
public record Mutations(SplittableRandom random, List<String> words) {
  private static final String ALPHABET =
      "\"\\{}[]:,;=/&%+-. \t\n\u0000\u007f\u00ff\ud800\udc00中0123456789aAeEuU$sxz";

  public Mutations {
    words = List.copyOf(words);
  }

  public String mutate(String text, int times) {
    StringBuilder mutated = new StringBuilder(text);
    for (int i = 0; i < times; i++) {
      int at = random.nextInt(mutated.length() + 1);
      int end = Math.min(mutated.length(), at + random.nextInt(12));
      switch (random.nextInt(5)) {
        case 0 -> mutated.delete(at, end);
        case 1 -> mutated.insert(at, ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        case 2 -> mutated.replace(at, end, words.get(random.nextInt(words.size())));
        case 3 -> mutated.insert(at, mutated.substring(at, end).repeat(random.nextInt(200)));
        default -> mutated.setLength(at);
      }
    }
    return mutated.toString();
  }
}
