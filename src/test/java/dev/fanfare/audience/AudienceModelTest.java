package dev.fanfare.audience;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.roaringbitmap.RoaringBitmap;

/// Random audiences over random members must select what plain sets would.
///
/// Each case is one seed; replay a failure with `-Dseed=N`.
final class AudienceModelTest {
  static LongStream seeds() {
    Long replay = Long.getLong("seed");
    return replay != null ? LongStream.of(replay) : new Random().longs(200);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void index_agrees_with_plain_sets(long seed) {
    var random = new Random(seed);
    var model = new Model(random);
    var index = new Index();
    for (int commit = 1; commit <= 4; commit++) {
      index.play(model.commit(), commit);
      for (int i = 0; i < 4; i++) {
        check(Audiences.random(random), model, index, commit);
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void reading_and_printing_are_inverse(long seed) {
    var random = new Random(seed);
    for (int i = 0; i < 20; i++) {
      Audience audience = Audiences.random(random);
      String text = AudienceText.print(audience);
      assertThat(AudienceText.parse(text)).as(text).isEqualTo(audience);
      assertThat(AudienceJson.read(AudienceJson.write(audience))).isEqualTo(audience);
      assertThat(AudienceSchema.decode(AudienceSchema.encode(audience))).isEqualTo(audience);
    }
  }

  /// Chunks are written while commits go on, so they are newer than the position that is stored.
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void index_survives_a_checkpoint(long seed) {
    var random = new Random(seed);
    var model = new Model(random);
    var index = new Index();
    Map<Chunk, byte[]> stored = new TreeMap<>();
    Map<Integer, Deltas> since = new TreeMap<>();
    int checkpoint = 0;
    for (int commit = 1; commit <= 6; commit++) {
      if (random.nextInt(3) == 0) {
        checkpoint = commit - 1;
        since.clear();
        List<Chunk> dirty = index.takeDirty();
        commit(commit, model, index, since);
        dirty.forEach(chunk -> stored.put(chunk, index.chunk(chunk.term(), chunk.number())));
      } else {
        commit(commit, model, index, since);
      }
    }
    var restored = new Index();
    stored.forEach((chunk, bytes) -> {
      if (bytes.length > 0) {
        restored.load(chunk.term(), chunk.number(), bytes);
      }
    });
    restored.restored(checkpoint);
    since.forEach((commit, deltas) -> restored.play(deltas, commit));
    assertThat(restored.terms()).isEqualTo(index.terms());
    for (int i = 0; i < 10; i++) {
      check(Audiences.random(random), model, restored, 6);
    }
  }

  private static void commit(int commit, Model model, Index index, Map<Integer, Deltas> since) {
    Deltas deltas = model.commit();
    index.play(deltas, commit);
    since.put(commit, Deltas.of(deltas.toSchema()));
  }

  private static void check(Audience audience, Model model, Index index, int position) {
    Selection selection = Selection.resolve(audience, model);
    int[] expected = model.select(audience);
    assertThat(index.select(selection).ordinals().toArray()).as("%s", audience).isEqualTo(expected);
    assertThat(index.select(selection).position()).isEqualTo(position);
    RoaringBitmap online = online();
    Counted counted = index.count(selection, 50, online);
    assertThat(counted.online())
        .as("%s", audience)
        .isEqualTo(Arrays.stream(expected).filter(online::contains).count());
    assertThat(counted.matched()).as("%s", audience).isEqualTo(expected.length);
    assertThat(counted.sampleOrdinals()).isEqualTo(spread(expected, 50));
    assertThat(counted.position()).isEqualTo(position);
  }

  /// Every third ordinal of the first chunk, all of the second, and the last there is.
  private static RoaringBitmap online() {
    RoaringBitmap online = RoaringBitmap.bitmapOf(-1);
    IntStream.range(0, 20_000).forEach(i -> online.add(3 * i));
    online.add(1L << 16, 2L << 16);
    return online;
  }

  private static int[] spread(int[] all, int size) {
    int[] sample = new int[Math.min(size, all.length)];
    for (int i = 0; i < sample.length; i++) {
      sample[i] = all[(int) ((long) all.length * i / sample.length)];
    }
    return sample;
  }

  /// Members and their terms as plain maps.
  private static final class Model implements Selection.Resolver {
    private static final int APP = 7;
    private static final double[] DENSITIES = {0.9, 0.5, 0.08, 0.004};

    private final Random random;
    private final Map<Integer, Map<String, String>> members = new HashMap<>();

    Model(Random random) {
      this.random = random;
    }

    @Override
    public int app() {
      return APP;
    }

    @Override
    public OptionalInt slot(String attributeName) {
      return OptionalInt.of(Audiences.ATTRIBUTES.indexOf(attributeName));
    }

    @Override
    public OptionalInt ordinal(String memberId) {
      int ordinal = Integer.parseUnsignedInt(memberId);
      return members.containsKey(ordinal) ? OptionalInt.of(ordinal) : OptionalInt.empty();
    }

    /// Some members come, some change, some go.
    Deltas commit() {
      var deltas = new Deltas();
      for (int ordinal : newcomers()) {
        if (members.put(ordinal, new HashMap<>()) == null) {
          deltas.set(Term.everyone(APP), ordinal);
        }
      }
      double activity = random.nextDouble();
      for (int ordinal : List.copyOf(members.keySet())) {
        if (random.nextDouble() < activity) {
          change(ordinal, deltas);
        }
        if (random.nextInt(20) == 0) {
          remove(ordinal, deltas);
        }
      }
      return deltas;
    }

    /// Ordinals in a run, or scattered over a chunk, or over all there are.
    private List<Integer> newcomers() {
      List<Integer> ordinals = new ArrayList<>();
      int chunk = random.nextBoolean() ? random.nextInt(3) : 65_535 - random.nextInt(3);
      int layout = random.nextInt(3);
      int first = (chunk << 16) + random.nextInt(65_536);
      int size = random.nextInt(layout == 2 ? 100 : random.nextInt(4) == 0 ? 9_000 : 1_500);
      for (int i = 0; i < size; i++) {
        ordinals.add(
            switch (layout) {
              case 0 -> first + i;
              case 1 -> (chunk << 16) + random.nextInt(65_536);
              default -> random.nextInt();
            });
      }
      ordinals.removeIf(members::containsKey);
      return ordinals;
    }

    private void change(int ordinal, Deltas deltas) {
      Map<String, String> facts = facts(ordinal);
      for (String tag : Audiences.TAGS) {
        boolean carries = random.nextDouble() < DENSITIES[Audiences.TAGS.indexOf(tag)];
        if (carries) {
          facts.put("#" + tag, "");
          deltas.set(Term.tag(APP, tag), ordinal);
        } else {
          facts.remove("#" + tag);
          deltas.clear(Term.tag(APP, tag), ordinal);
        }
      }
      String attribute = Audiences.pick(Audiences.ATTRIBUTES, random);
      String value = Audiences.pick(Audiences.VALUES, random);
      int slot = Audiences.ATTRIBUTES.indexOf(attribute);
      String old = facts.put(attribute, value);
      if (old != null) {
        deltas.clear(Term.attribute(APP, slot, old), ordinal);
      }
      deltas.set(Term.attribute(APP, slot, value), ordinal);
    }

    private void remove(int ordinal, Deltas deltas) {
      facts(ordinal)
          .forEach((fact, value) -> {
            Term term =
                fact.startsWith("#")
                    ? Term.tag(APP, fact.substring(1))
                    : Term.attribute(APP, Audiences.ATTRIBUTES.indexOf(fact), value);
            deltas.clear(term, ordinal);
          });
      deltas.clear(Term.everyone(APP), ordinal);
      members.remove(ordinal);
    }

    int[] select(Audience audience) {
      return members.keySet().stream()
          .filter(ordinal -> matches(audience, ordinal))
          .sorted(Integer::compareUnsigned)
          .mapToInt(ordinal -> ordinal)
          .toArray();
    }

    private boolean matches(Audience audience, int ordinal) {
      return switch (audience) {
        case Audience.Everyone() -> true;
        case Audience.Tag(var name) -> facts(ordinal).containsKey("#" + name);
        case Audience.Attribute(var name, var value) -> value.equals(facts(ordinal).get(name));
        case Audience.Members(var ids) -> ids.contains(Integer.toUnsignedString(ordinal));
        case Audience.And(var parts) -> parts.stream().allMatch(part -> matches(part, ordinal));
        case Audience.Or(var parts) -> parts.stream().anyMatch(part -> matches(part, ordinal));
        case Audience.Not(var part) -> !matches(part, ordinal);
      };
    }

    private Map<String, String> facts(int ordinal) {
      return Objects.requireNonNull(members.get(ordinal));
    }
  }
}
