package dev.fanfare.audience;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Random audiences, some of them with names that are hard to print.
final class Audiences {
  static final List<String> TAGS = List.of("and", "tag:b", "c \"quoted\" \\", "東京 1");
  static final List<String> ATTRIBUTES = List.of("city", "not", "member:x", "a=b");
  static final List<String> VALUES = List.of("ny", "or", "(", ",", "x\ty");

  private Audiences() {}

  static Audience random(Random random) {
    return random(random, random.nextInt(20) == 0 ? 15 : random.nextInt(5));
  }

  private static Audience random(Random random, int depth) {
    return switch (random.nextInt(depth == 0 ? 5 : 12)) {
      case 0 -> new Audience.Everyone();
      case 1, 2 -> new Audience.Tag(random.nextInt(20) == 0 ? "absent" : pick(TAGS, random));
      case 3 -> new Audience.Attribute(pick(ATTRIBUTES, random), pick(VALUES, random));
      case 4 -> new Audience.Members(members(random));
      case 5, 6, 7 -> new Audience.And(parts(random, depth));
      case 8, 9 -> new Audience.Or(parts(random, depth));
      default -> new Audience.Not(random(random, depth - 1));
    };
  }

  /// Fewer parts further up, so that a deep expression stays within the limit of terms.
  private static List<Audience> parts(Random random, int depth) {
    List<Audience> parts = new ArrayList<>();
    int size = 1 + random.nextInt(depth > 5 ? 2 : 3);
    for (int i = 0; i < size; i++) {
      parts.add(random(random, i == 0 ? depth - 1 : Math.min(depth - 1, 2)));
    }
    return parts;
  }

  private static List<String> members(Random random) {
    return random.ints(1 + random.nextInt(30), 0, 3 << 16).mapToObj(Integer::toString).toList();
  }

  static String pick(List<String> from, Random random) {
    return from.get(random.nextInt(from.size()));
  }
}
