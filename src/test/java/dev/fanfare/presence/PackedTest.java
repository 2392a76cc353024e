package dev.fanfare.presence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.member.OnlineChunk;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.roaringbitmap.RoaringBitmap;

/// What records say.
final class PackedTest {
  private static final OnlineChunk LAST = new OnlineChunk(1, "iOS", 0xFFFF);
  private static final int MOST = 8_192 + 8;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4_095, 4_096, 5_000, 65_536})
  void however_many_are_online_they_are_read_again_and_take_few_bytes(int count) {
    Random random = new Random(count);
    for (int number : new int[] {0, 1, 0x8000, 0xFFFF}) {
      OnlineChunk chunk = new OnlineChunk(1, "", number);
      RoaringBitmap online = new RoaringBitmap();
      while (online.getCardinality() < count) {
        online.add(
            (int) chunk.first()
                + (count == 65_536 ? online.getCardinality() : random.nextInt(1 << 16)));
      }
      byte[] packed = Packed.pack(online);
      assertThat(packed.length).isLessThanOrEqualTo(Math.min(2 * count + 8, MOST));
      assertThat(Packed.unpack(packed, chunk)).isEqualTo(online);
    }
  }

  @Test
  void any_bytes_are_some_members_of_the_part_or_nobody() {
    Random random = new Random(7);
    int somebody = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[1 + random.nextInt(40)];
      random.nextBytes(bytes);
      bytes[0] = i % 2 == 0 ? 10 : bytes[0];
      RoaringBitmap read = Packed.unpack(bytes, LAST);
      if (!read.isEmpty()) {
        somebody++;
        assertThat(Integer.toUnsignedLong(read.first())).isGreaterThanOrEqualTo(LAST.first());
      }
    }
    assertThat(somebody).isPositive();
    byte[] odd = {10, 3, 0, 1, 2};
    assertThat(Packed.unpack(odd, LAST).isEmpty()).isTrue();
    byte[] even = {10, 2, 0, 1};
    assertThat(Packed.unpack(even, LAST).toArray()).containsExactly((0xFFFF << 16) + 1);
    assertThat(Packed.unpack(null, LAST).isEmpty()).isTrue();
  }

  @Test
  void what_a_record_is_about_is_read_again() {
    for (Subject subject :
        new Subject[] {
          new Subject.Life("k3Tq9ab2Xw4c"),
          new Subject.Part("k3Tq9ab2Xw4c", LAST),
          new Subject.Part("x", new OnlineChunk(7, "", 0))
        }) {
      assertThat(Subject.decode(subject.encode())).contains(subject);
    }
  }

  @Test
  void keys_that_no_version_writes_are_nothing() {
    for (Subject subject :
        new Subject[] {
          new Subject.Life(""),
          new Subject.Life("a.b"),
          new Subject.Life("a".repeat(17)),
          new Subject.Part("a", new OnlineChunk(-1, "", 0)),
          new Subject.Part("a", new OnlineChunk(1, "a b", 0)),
          new Subject.Part("a", new OnlineChunk(1, "p".repeat(21), 0)),
          new Subject.Part("a", new OnlineChunk(1, "", 1 << 16))
        }) {
      assertThat(Subject.decode(subject.encode())).as(subject.toString()).isEmpty();
    }
    assertThat(Subject.decode(new byte[] {8})).isEmpty();
    assertThat(Subject.decode(new byte[0])).isEmpty();
  }
}
