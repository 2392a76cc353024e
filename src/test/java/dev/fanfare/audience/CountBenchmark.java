package dev.fanfare.audience;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.roaringbitmap.RoaringBitmap;

/// The exact count of `tag:a and (tag:b or not tag:c) and not tag:d`, beside plain RoaringBitmap
/// calls on the same data.
///
/// Each member has 10 tags, drawn from 1,000 by Zipf's law with exponent 1. Which four are asked
/// for matters: popular ones are stored as bits, rare ones as lists. Arguments are those of JMH.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class CountBenchmark {
  private static final int TAGS = 1_000;
  private static final int TAGS_EACH = 10;

  @Param("1000000")
  public int members;

  /// Ranks of a, b, c and d.
  @Param({"0-1-2-3", "1-5-20-60", "30-50-80-200"})
  public String ranks = "";

  private final Index index = new Index();
  private Selection selection = new Selection.Has(Term.everyone(1));
  private RoaringBitmap everyone = new RoaringBitmap();
  private List<RoaringBitmap> terms = List.of();

  /// Builds both sides and sees that they agree.
  @Setup
  public void fill() {
    int[] asked = Arrays.stream(ranks.split("-", -1)).mapToInt(Integer::parseInt).toArray();
    RoaringBitmap[] tags = draw();
    everyone = RoaringBitmap.bitmapOfRange(0, members);
    terms = IntStream.of(asked).mapToObj(rank -> tags[rank]).toList();
    play(Term.everyone(1), everyone);
    for (int rank : asked) {
      play(Term.tag(1, "t" + rank), tags[rank]);
    }
    selection = Selection.resolve(expression(asked), new Names());
    if (ours() != plain()) {
      throw new IllegalStateException(ours() + " is not " + plain());
    }
    everyone.runOptimize();
  }

  @Benchmark
  public int ours() {
    return index.count(selection, 0, new RoaringBitmap()).matched();
  }

  /// With intermediate bitmaps and the cardinality of the result.
  @Benchmark
  public int plain() {
    RoaringBitmap notC = RoaringBitmap.andNot(everyone, terms.get(2));
    RoaringBitmap bOrNotC = RoaringBitmap.or(terms.get(1), notC);
    RoaringBitmap both = RoaringBitmap.and(terms.get(0), bOrNotC);
    return RoaringBitmap.andNot(both, terms.get(3)).getCardinality();
  }

  /// The same by someone who knows that a member of `a` is a member.
  @Benchmark
  public int plainRewritten() {
    RoaringBitmap a = terms.get(0);
    RoaringBitmap both =
        RoaringBitmap.or(RoaringBitmap.and(a, terms.get(1)), RoaringBitmap.andNot(a, terms.get(2)));
    return RoaringBitmap.andNot(both, terms.get(3)).getCardinality();
  }

  private void play(Term term, RoaringBitmap bitmap) {
    var deltas = new Deltas();
    bitmap.forEach((int ordinal) -> deltas.set(term, ordinal));
    index.play(deltas, 1);
  }

  private RoaringBitmap[] draw() {
    double[] limits = new double[TAGS];
    double sum = 0;
    for (int rank = 0; rank < TAGS; rank++) {
      sum += 1.0 / (rank + 1);
      limits[rank] = sum;
    }
    var random = new Random(1);
    RoaringBitmap[] tags =
        Stream.generate(RoaringBitmap::new).limit(TAGS).toArray(RoaringBitmap[]::new);
    for (int member = 0; member < members; member++) {
      for (int drawn = 0; drawn < TAGS_EACH; ) {
        int place = Arrays.binarySearch(limits, random.nextDouble() * sum);
        drawn += tags[place < 0 ? -place - 1 : place].checkedAdd(member) ? 1 : 0;
      }
    }
    return tags;
  }

  private static Audience expression(int[] asked) {
    return AudienceText.parse(
        "tag:t%d and (tag:t%d or not tag:t%d) and not tag:t%d"
            .formatted(Arrays.stream(asked).boxed().toArray()));
  }

  private static final class Names implements Selection.Resolver {
    @Override
    public int app() {
      return 1;
    }

    @Override
    public OptionalInt slot(String attributeName) {
      return OptionalInt.empty();
    }

    @Override
    public OptionalInt ordinal(String memberId) {
      return OptionalInt.empty();
    }
  }

  /// Runs it alone.
  public static void main(String[] args) throws RunnerException, CommandLineOptionException {
    String name = Objects.requireNonNull(CountBenchmark.class.getCanonicalName());
    new Runner(new OptionsBuilder().parent(new CommandLineOptions(args)).include(name).build())
        .run();
  }
}
