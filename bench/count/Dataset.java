import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.roaringbitmap.RoaringBitmap;

/// The members 0 to n - 1, each with ten different tags out of 1,000 and one city out of ten, all
/// drawn by Zipf's law with exponent 1. Always the same for the same n.
final class Dataset {
  static final int TAGS = 1_000;
  static final int TAGS_EACH = 10;
  static final int CITIES = 10;

  private final short[] tags;
  private final byte[] cities;
  private final RoaringBitmap[] withTag = bitmaps(TAGS);
  private final RoaringBitmap[] withCity = bitmaps(CITIES);

  Dataset(int members) {
    this.tags = new short[members * TAGS_EACH];
    this.cities = new byte[members];
    Random random = new Random(1);
    double[] tagLimits = limits(TAGS);
    double[] cityLimits = limits(CITIES);
    for (int member = 0; member < members; member++) {
      for (int drawn = 0; drawn < TAGS_EACH; ) {
        int tag = draw(random, tagLimits);
        if (withTag[tag].checkedAdd(member)) {
          tags[member * TAGS_EACH + drawn++] = (short) tag;
        }
      }
      cities[member] = (byte) draw(random, cityLimits);
      withCity[cities[member]].add(member);
    }
    Stream.of(withTag, withCity).flatMap(Arrays::stream).forEach(RoaringBitmap::runOptimize);
  }

  private static RoaringBitmap[] bitmaps(int count) {
    return Stream.generate(RoaringBitmap::new).limit(count).toArray(RoaringBitmap[]::new);
  }

  private static double[] limits(int count) {
    double[] limits = IntStream.range(0, count).mapToDouble(rank -> 1.0 / (rank + 1)).toArray();
    Arrays.parallelPrefix(limits, Double::sum);
    return limits;
  }

  private static int draw(Random random, double[] limits) {
    int place = Arrays.binarySearch(limits, random.nextDouble() * limits[limits.length - 1]);
    return place < 0 ? -place - 1 : place;
  }

  int members() {
    return cities.length;
  }

  IntStream tagsOf(int member) {
    return IntStream.range(member * TAGS_EACH, (member + 1) * TAGS_EACH).map(at -> tags[at]);
  }

  Word cityOf(int member) {
    return Word.city(cities[member]);
  }

  /// Everyone with a word; not to be changed.
  RoaringBitmap with(Word word) {
    return switch (word.kind()) {
      case TAG -> withTag[word.number()];
      case CITY -> withCity[word.number()];
    };
  }

  Stream<Word> words() {
    return Stream.concat(
        IntStream.range(0, TAGS).mapToObj(Word::tag),
        IntStream.range(0, CITIES).mapToObj(Word::city));
  }

  /// The right answer, worked out member by member, without bitmaps.
  long matched(Question question) {
    return IntStream.range(0, members())
        .filter(member -> has(member, question.a()) || has(member, question.b()))
        .filter(member -> has(member, question.c()) && !has(member, question.d()))
        .count();
  }

  private boolean has(int member, Word word) {
    return switch (word.kind()) {
      case TAG -> tagsOf(member).anyMatch(tag -> tag == word.number());
      case CITY -> cities[member] == word.number();
    };
  }
}
