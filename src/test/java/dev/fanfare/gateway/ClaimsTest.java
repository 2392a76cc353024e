package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.TestNode;
import dev.fanfare.broadcast.Due;
import dev.fanfare.broadcast.Notice;
import dev.fanfare.store.Table;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/// Claims looked up together say what looking them up one by one says.
final class ClaimsTest {
  private static final int MEMBERS = 66_000;
  private static final int BROADCASTS = 60;
  private static final int ROUNDS = 50;

  private final long seed = Long.getLong("seed", new Random().nextLong());
  private final Random random = new Random(seed);
  private final ShardFixture fixture = new ShardFixture();

  ClaimsTest() {}

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void claims_of_many_are_those_of_each() {
    fixture.register(MEMBERS);
    for (int i = 0; i < BROADCASTS; i++) {
      fixture.sendTo("b" + i, some().mapToObj(ordinal -> "m" + ordinal).toArray(String[]::new));
    }
    long head = fixture.node().replica().position().offset();
    Claims claims = fixture.catchUp().claims();
    for (int round = 0; round < ROUNDS; round++) {
      Map<Long, RoaringBitmap> expected = new HashMap<>();
      for (int ordinal : some().distinct().toArray()) {
        long after = random.nextLong(head);
        claim(
            new Claims.Claim(ordinal, after, after + random.nextLong(head - after + 1)), expected);
      }
      assertThat(delivered(claims)).as("-Dseed=%d", seed).isEqualTo(expected);
      var _ = claims.take();
    }
  }

  @Test
  void member_who_claims_twice_claims_the_wider() {
    fixture.register(MEMBERS);
    fixture.sendTo("b1", "m7");
    long first = fixture.node().replica().position().offset();
    fixture.sendTo("b2", "m7");
    Claims claims = fixture.catchUp().claims();
    claims.add(TestNode.APP, new Claims.Claim(7, first, first + 1));
    claims.add(TestNode.APP, new Claims.Claim(7, first - 1, first));
    claims.add(TestNode.APP, new Claims.Claim(8, 0, 0));
    RoaringBitmap seven = RoaringBitmap.bitmapOf(7);
    var taken = claims.take();
    assertThat(claims.take()).isEmpty();
    claims.putBack(taken);
    for (int look = 0; look < Claims.LOOKS; look++) {
      assertThat(delivered(claims))
          .as("nothing of it counts yet")
          .isEqualTo(Map.of(fixture.number("b1"), seven, fixture.number("b2"), seven));
    }
    assertThat(claims.take()).isEmpty();
  }

  @Test
  void claim_of_what_has_not_come_here_yet_waits_for_it() {
    fixture.register(MEMBERS);
    Claims claims = fixture.catchUp().claims();
    long head = fixture.node().replica().position().offset();
    claims.add(TestNode.APP, new Claims.Claim(7, 0, head + 1));
    assertThat(delivered(claims)).isEmpty();
    fixture.sendTo("b1", "m7");
    fixture.sendTo("b2", "m7");
    assertThat(delivered(claims))
        .isEqualTo(Map.of(fixture.number("b1"), RoaringBitmap.bitmapOf(7)));
  }

  @Test
  void claim_counts_up_to_the_oldest_release_that_does_not_count_yet() {
    fixture.register(MEMBERS);
    fixture.sendPaced("paced", "m7", "m8");
    long released = fixture.node().replica().position().offset();
    fixture.sendTo("b", "m8");
    fixture.release("paced", 1);
    Claims claims = fixture.catchUp().claims();
    long head = fixture.node().replica().position().offset();
    claims.add(TestNode.APP, new Claims.Claim(8, released, head));
    RoaringBitmap eight = RoaringBitmap.bitmapOf(8);
    for (int look = 0; look < Claims.LOOKS; look++) {
      assertThat(delivered(claims))
          .isEqualTo(Map.of(fixture.number("paced"), eight, fixture.number("b"), eight));
    }
  }

  @Test
  void claim_may_end_between_the_slices_of_a_broadcast() {
    fixture.register(MEMBERS);
    fixture.sendPaced("paced", "m7", "m8");
    long released = fixture.node().replica().position().offset();
    fixture.release("paced", 1);
    Claims claims = fixture.catchUp().claims();
    claims.add(TestNode.APP, new Claims.Claim(7, 0, released));
    claims.add(TestNode.APP, new Claims.Claim(8, 0, released));
    assertThat(delivered(claims))
        .isEqualTo(Map.of(fixture.number("paced"), RoaringBitmap.bitmapOf(7)));
  }

  @Test
  void what_is_over_is_claimed_by_nobody() {
    fixture.register(MEMBERS);
    fixture.sendMomentary("momentary", "m7", "m8");
    fixture.clock().advance(Duration.ofSeconds(61));
    fixture.release("momentary", 1);
    fixture.sendTo("recalled", "m7");
    fixture.recall("recalled");
    Claims claims = fixture.catchUp().claims();
    long head = fixture.node().replica().position().offset();
    claims.add(TestNode.APP, new Claims.Claim(7, 0, head));
    claims.add(TestNode.APP, new Claims.Claim(8, 0, head));
    assertThat(delivered(claims))
        .isEqualTo(Map.of(fixture.number("momentary"), RoaringBitmap.bitmapOf(8)));
  }

  @Test
  void chunk_is_read_once_however_many_slices_lie_in_it() {
    fixture.register(MEMBERS);
    int[] ordinals =
        IntStream.concat(IntStream.range(0, 10), IntStream.range(MEMBERS - 10, MEMBERS)).toArray();
    fixture.sendPaced(
        "paced", Arrays.stream(ordinals).mapToObj(ordinal -> "m" + ordinal).toArray(String[]::new));
    for (int slice = 1; slice < ordinals.length; slice++) {
      fixture.release("paced", slice);
    }
    Claims claims = fixture.catchUp().claims();
    long head = fixture.node().replica().position().offset();
    for (int ordinal : ordinals) {
      claims.add(TestNode.APP, new Claims.Claim(ordinal, 0, head));
    }
    long before = fixture.store().reads(Table.CHUNK);
    assertThat(delivered(claims))
        .isEqualTo(Map.of(fixture.number("paced"), RoaringBitmap.bitmapOf(ordinals)));
    int chunks = 2;
    int recipientsAndDelivered = 2;
    assertThat(fixture.store().reads(Table.CHUNK) - before)
        .isEqualTo((long) chunks * recipientsAndDelivered);
  }

  private void claim(Claims.Claim claim, Map<Long, RoaringBitmap> expected) {
    CatchUp catchUp = fixture.catchUp();
    catchUp.claims().add(TestNode.APP, claim);
    Due.Viewer viewer = new Due.Viewer(claim.ordinal(), 0, 0);
    CatchUp.Acknowledgement said =
        new CatchUp.Acknowledgement(claim.after(), claim.upTo(), fixture.clock().millis());
    for (Notice notice : catchUp.acknowledged(TestNode.APP, viewer, said)) {
      expected.computeIfAbsent(notice.broadcast(), _ -> new RoaringBitmap()).add(claim.ordinal());
    }
  }

  private static Map<Long, RoaringBitmap> delivered(Claims claims) {
    Map<Long, RoaringBitmap> found = new HashMap<>();
    claims
        .delivered(claims.take())
        .bits()
        .forEach((key, bits) -> found.put(key.broadcast(), bits.delivered()));
    return found;
  }

  /// Members at both ends of both chunks.
  private IntStream some() {
    int[] borders = {0, 65_530, MEMBERS - 10};
    return random
        .ints(1 + random.nextInt(10), 0, 10)
        .map(near -> borders[random.nextInt(borders.length)] + near);
  }
}
