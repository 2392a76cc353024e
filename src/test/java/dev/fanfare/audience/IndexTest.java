package dev.fanfare.audience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

final class IndexTest {
  private static final int APP = 1;
  private static final Term EVERYONE = Term.everyone(APP);
  private static final Term VIP = Term.tag(APP, "vip");

  private final Index index = new Index();
  private long position;

  @Test
  void term_grows_into_a_bitmap_and_shrinks_back() {
    assertThat(growing(1)).isInstanceOf(Postings.One.class);
    assertThat(growing(2)).isInstanceOf(Postings.Few.class);
    assertThat(growing(1_024)).isInstanceOf(Postings.Few.class);
    assertThat(growing(1_025)).isInstanceOf(Postings.Many.class);
    assertThat(shrinking(513)).isInstanceOf(Postings.Many.class);
    assertThat(shrinking(512)).isInstanceOf(Postings.Few.class);
    assertThat(shrinking(2)).isInstanceOf(Postings.Few.class);
    assertThat(shrinking(1)).isInstanceOf(Postings.One.class);
    assertThat(growing(1).without(0)).isNull();
  }

  @Test
  void members_stay_the_same_through_every_size() {
    for (int size = 0; size < 1_100; size++) {
      set(VIP, size * 100);
      set(EVERYONE, size * 100);
      assertThat(matched(VIP)).isEqualTo(size + 1);
    }
    for (int size = 1_100; size > 0; size--) {
      assertThat(matched(VIP)).isEqualTo(size);
      clear(VIP, (size - 1) * 100);
    }
    assertThat(matched(VIP)).isZero();
  }

  @Test
  void setting_twice_and_clearing_what_is_not_there_change_nothing() {
    for (int ordinal : new int[] {5, 5, 6, 6}) {
      set(EVERYONE, ordinal);
      set(VIP, ordinal);
    }
    clear(VIP, 7);
    clear(Term.tag(APP, "other"), 5);
    assertThat(selected(new Selection.Has(VIP))).containsExactly(5, 6);
  }

  @Test
  void dropped_term_is_freed_and_all_its_chunks_are_written_again() {
    for (int ordinal : new int[] {1, 70_000, -1}) {
      set(EVERYONE, ordinal);
      set(VIP, ordinal);
    }
    var _ = index.takeDirty();
    var deltas = new Deltas();
    deltas.drop(VIP);
    deltas.set(VIP, 70_001);
    index.play(deltas, 9);
    assertThat(selected(new Selection.Has(VIP))).containsExactly(70_001);
    assertThat(index.takeDirty())
        .containsExactly(new Chunk(VIP, 0), new Chunk(VIP, 1), new Chunk(VIP, 65_535));
    assertThat(index.chunk(VIP, 0)).isEmpty();
  }

  @Test
  void term_without_members_is_freed() {
    set(EVERYONE, 1);
    set(VIP, 1);
    set(VIP, 2);
    assertThat(index.terms()).isEqualTo(2);
    clear(VIP, 1);
    clear(VIP, 2);
    assertThat(index.terms()).isEqualTo(1);
    assertThat(index.takeDirty()).contains(new Chunk(VIP, 0));
    assertThat(index.chunk(VIP, 0)).isEmpty();
  }

  @Test
  void apps_never_mix() {
    set(EVERYONE, 1);
    set(Term.everyone(2), 2);
    set(Term.tag(2, "vip"), 2);
    assertThat(selected(new Selection.Has(VIP))).isEmpty();
    assertThat(selected(new Selection.Not(APP, new Selection.Has(VIP)))).containsExactly(1);
    assertThat(selected(new Selection.Has(Term.everyone(2)))).containsExactly(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> selected(new Selection.Not(2, new Selection.Has(VIP))));
  }

  @Test
  void ordinals_of_removed_members_do_not_count() {
    set(EVERYONE, 1);
    set(EVERYONE, -1);
    var listed = new Selection.Ordinals(APP, new int[] {1, 2, -1});
    assertThat(selected(listed)).containsExactly(1, -1);
    clear(EVERYONE, -1);
    assertThat(selected(listed)).containsExactly(1);
    assertThat(selected(new Selection.Ordinals(APP, new int[0]))).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Selection.Ordinals(APP, new int[] {-1, 1}));
  }

  @Test
  void everyone_of_an_empty_app_is_nobody() {
    assertThat(selected(new Selection.Has(EVERYONE))).isEmpty();
    assertThat(selected(new Selection.Not(APP, new Selection.Has(VIP)))).isEmpty();
    Counted counted = index.count(new Selection.Has(EVERYONE), 10, new RoaringBitmap());
    assertThat(counted.matched()).isZero();
    assertThat(counted.sampleOrdinals()).isEmpty();
  }

  @Test
  void last_chunk_is_reached() {
    set(EVERYONE, 0);
    set(EVERYONE, -1);
    set(VIP, -1);
    assertThat(selected(new Selection.Has(VIP))).containsExactly(-1);
    assertThat(selected(new Selection.Not(APP, new Selection.Has(VIP)))).containsExactly(0);
  }

  @Test
  void sample_is_spread_and_bounded() {
    var deltas = new Deltas();
    IntStream.range(0, 200_000).forEach(ordinal -> deltas.set(EVERYONE, ordinal));
    index.play(deltas, 9);
    Counted counted = index.count(new Selection.Has(EVERYONE), 4, new RoaringBitmap());
    assertThat(counted.matched()).isEqualTo(200_000);
    assertThat(counted.sampleOrdinals()).containsExactly(0, 50_000, 100_000, 150_000);
    assertThat(counted.position()).isEqualTo(9);
    assertThat(
            index.count(new Selection.Has(EVERYONE), 1_000, new RoaringBitmap()).sampleOrdinals())
        .hasSize(1_000);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> index.count(new Selection.Has(EVERYONE), 1_001, new RoaringBitmap()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> index.count(new Selection.Has(EVERYONE), -1, new RoaringBitmap()));
  }

  @Test
  void dirty_chunks_are_told_once() {
    set(VIP, 1);
    set(VIP, 2);
    set(VIP, 65_536);
    clear(EVERYONE, -1);
    assertThat(index.takeDirty())
        .containsExactly(new Chunk(EVERYONE, 65_535), new Chunk(VIP, 0), new Chunk(VIP, 1));
    assertThat(index.takeDirty()).isEmpty();
    clear(VIP, 2);
    assertThat(index.takeDirty()).containsExactly(new Chunk(VIP, 0));
  }

  @Test
  void chunks_restore_lists_and_bitmaps() {
    var deltas = new Deltas();
    IntStream.range(0, 1_500).map(i -> 65_000 + i).forEach(ordinal -> deltas.set(VIP, ordinal));
    deltas.set(EVERYONE, 3 << 16);
    index.play(deltas, 7);
    var restored = new Index();
    for (Chunk chunk : index.takeDirty()) {
      byte[] bytes = index.chunk(chunk.term(), chunk.number());
      restored.load(chunk.term(), chunk.number(), bytes);
    }
    restored.restored(7);
    assertThat(restored.position()).isEqualTo(7);
    assertThat(restored.evaluate(new Selection.Has(VIP)))
        .isEqualTo(index.evaluate(new Selection.Has(VIP)));
    assertThat(restored.evaluate(new Selection.Has(EVERYONE)).toArray()).containsExactly(3 << 16);
    assertThat(restored.takeDirty()).isEmpty();
  }

  @Test
  void chunks_are_numbered_up_to_65535() {
    assertThat(new Chunk(VIP, 65_535).number()).isEqualTo(65_535);
    assertThatIllegalArgumentException().isThrownBy(() -> new Chunk(VIP, 65_536));
    assertThatIllegalArgumentException().isThrownBy(() -> new Chunk(VIP, -1));
  }

  @Test
  void readers_never_see_half_a_commit() throws InterruptedException {
    var half = new AtomicBoolean();
    var done = new AtomicBoolean();
    List<Thread> readers =
        Stream.generate(() -> Thread.ofVirtual().start(() -> half.compareAndSet(false, torn(done))))
            .limit(5)
            .toList();
    for (int commit = 1; commit <= 2_000; commit++) {
      var deltas = new Deltas();
      for (int ordinal = (commit - 1) * 10; ordinal < commit * 10; ordinal++) {
        deltas.set(EVERYONE, ordinal * 1_000);
        deltas.set(VIP, ordinal * 1_000);
      }
      index.play(deltas, commit);
    }
    done.set(true);
    for (Thread reader : readers) {
      reader.join();
    }
    assertThat(half).isFalse();
  }

  /// Counts until told to stop, or until a count does not fit its position.
  private boolean torn(AtomicBoolean done) {
    boolean torn = false;
    while (!done.get() && !torn) {
      Counted counted = index.count(new Selection.Has(VIP), 10, new RoaringBitmap());
      torn = counted.matched() != counted.position() * 10;
    }
    return torn;
  }

  @Test
  void damaged_chunks_are_refused() {
    IntStream.range(0, 100).forEach(ordinal -> set(VIP, ordinal * ordinal));
    byte[] bytes = index.chunk(VIP, 0);
    refused(new byte[0]);
    refused(Arrays.copyOf(bytes, bytes.length - 1));
    refused(Arrays.copyOf(bytes, bytes.length + 1));
    byte[] unsorted = bytes.clone();
    unsorted[bytes.length - 1] = 0;
    refused(unsorted);
    byte[] otherCookie = bytes.clone();
    otherCookie[0] ^= 0x55;
    refused(otherCookie);
    refused(serialized(RoaringBitmap.bitmapOf(1, 65_536)));
    refused(serialized(RoaringBitmap.bitmapOf(65_536)));
    refused(serialized(new RoaringBitmap()));
  }

  @Test
  void unknown_attribute_is_named() {
    var resolver =
        new Selection.Resolver() {
          @Override
          public int app() {
            return APP;
          }

          @Override
          public OptionalInt slot(String attributeName) {
            return attributeName.equals("city") ? OptionalInt.of(3) : OptionalInt.empty();
          }

          @Override
          public OptionalInt ordinal(String memberId) {
            return memberId.equals("b") ? OptionalInt.of(-1) : OptionalInt.of(4);
          }
        };
    assertThat(Selection.resolve(AudienceText.parse("city=ny"), resolver))
        .isEqualTo(new Selection.Has(new Term(APP, 5, "ny")));
    var members =
        (Selection.Ordinals) Selection.resolve(AudienceText.parse("member:b,a,c"), resolver);
    assertThat(members.ordinals()).containsExactly(4, -1);
    assertThatExceptionOfType(UnknownAttributeException.class)
        .isThrownBy(() -> Selection.resolve(AudienceText.parse("not tier=gold"), resolver))
        .satisfies(unknown -> assertThat(unknown.attribute()).isEqualTo("tier"));
  }

  @Test
  void a_million_terms_of_one_member_stay_small() {
    long before = liveBytes();
    var terms = new Index();
    for (int first = 0; first < 1_000_000; first += 10_000) {
      var deltas = new Deltas();
      for (int i = first; i < first + 10_000; i++) {
        deltas.set(Term.tag(APP, "tag-" + i), i);
      }
      terms.play(deltas, first);
      terms.takeDirty();
    }
    assertThat(liveBytes() - before).isLessThan(160L << 20);
    assertThat(terms.terms()).isEqualTo(1_000_000);
  }

  private static long liveBytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static Postings growing(int size) {
    Postings postings = new Postings.One(0);
    for (int i = 1; i < size; i++) {
      postings = postings.with(i);
    }
    return postings;
  }

  private static Postings shrinking(int size) {
    Postings postings = growing(1_025);
    for (int i = 1_024; i >= size; i--) {
      Postings rest = postings.without(i);
      assertThat(rest).isNotNull();
      postings = rest;
    }
    return postings;
  }

  private void set(Term term, int ordinal) {
    var deltas = new Deltas();
    deltas.set(term, ordinal);
    index.play(deltas, ++position);
  }

  private void clear(Term term, int ordinal) {
    var deltas = new Deltas();
    deltas.clear(term, ordinal);
    index.play(deltas, ++position);
  }

  private int matched(Term term) {
    return index
        .count(new Selection.All(List.of(new Selection.Has(term))), 0, new RoaringBitmap())
        .matched();
  }

  private int[] selected(Selection selection) {
    return index.evaluate(selection).toArray();
  }

  private static void refused(byte[] bytes) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Index().load(VIP, 0, bytes))
        .withMessageContaining("damaged");
  }

  private static byte[] serialized(RoaringBitmap bitmap) {
    var bytes = ByteBuffer.allocate(bitmap.serializedSizeInBytes());
    bitmap.serialize(bytes);
    return bytes.array();
  }
}
