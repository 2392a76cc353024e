import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// The members of a benchmark: `m1` to `mN`, each with some of 1,000 tags `t0` to `t999`.
///
/// Tags are skewed, as they are in life: of many draws a tenth is `t0`, a few thousandths are
/// `t200`. They follow from the member's number alone, so that an exact count can be checked.
///
/// @param members N
/// @param tags different tags per member
record Population(int members, int tags) {
  private static final int TAGS = 1_000;

  /// An audience of four terms, nested.
  static final String AUDIENCE =
      """
      {"all":[{"tag":"t0"},{"any":[{"tag":"t1"},{"tag":"t2"}]},{"not":{"tag":"t3"}}]}""";

  Population {
    if (tags > 100) {
      throw new IllegalArgumentException("a member may have 100 tags");
    }
  }

  /// The tags of a member.
  ///
  /// @param member from 1
  int[] tagsOf(int member) {
    SplittableRandom random = new SplittableRandom(member);
    return IntStream.generate(() -> (int) (TAGS * Math.pow(random.nextDouble(), 3)))
        .distinct()
        .limit(tags)
        .toArray();
  }

  /// How many members [#AUDIENCE] matches.
  long matched() {
    return IntStream.rangeClosed(1, members)
        .parallel()
        .filter(member -> {
          int low = 0;
          for (int tag : tagsOf(member)) {
            low |= tag < 4 ? 1 << tag : 0;
          }
          return (low & 0b0001) != 0 && (low & 0b0110) != 0 && (low & 0b1000) == 0;
        })
        .count();
  }
}
