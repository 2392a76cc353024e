package dev.fanfare.presence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cell.Cell;
import dev.fanfare.member.Member;
import dev.fanfare.member.OnlineChunk;
import dev.fanfare.member.Presence;
import dev.fanfare.schema.NodeReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/// Who counts as online at other nodes, in virtual time.
final class ElsewhereTest {
  private static final int APP = 3;
  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

  private long nanos = Long.MAX_VALUE - 5;
  private Instant stamp = START;
  private Elsewhere elsewhere = new Elsewhere("self", () -> nanos, Elsewhere.MOST_BYTES);

  private void pass(Duration time) {
    nanos += time.toNanos();
    stamp = stamp.plus(time);
  }

  private static NodeReport report(String node) {
    return NodeReport.newBuilder().setId(node).setHost("host of " + node).build();
  }

  private void sign(String node) {
    elsewhere.hear(new Subject.Life(node), Sign.pack(report(node)), stamp);
  }

  private void part(String node, String platform, int chunk, int... ordinals) {
    Subject subject = new Subject.Part(node, new OnlineChunk(APP, platform, chunk));
    byte[] value = ordinals.length == 0 ? null : Packed.pack(RoaringBitmap.bitmapOf(ordinals));
    elsewhere.hear(subject, value, stamp);
  }

  private int[] online() {
    return elsewhere.online(APP).toArray();
  }

  private static Member member(String id, int ordinal) {
    return new Member(id, ordinal, "", "", List.of(), Map.of(), Map.of(), false, 1, 1, 1);
  }

  @Test
  void who_is_online_at_several_nodes_and_platforms_is_online_once() {
    sign("self");
    part("self", "iOS", 0, 9);
    part("a", "iOS", 0, 1, 2);
    part("a", "Web", 0, 2);
    part("a", "iOS", 0xFFFF, -1);
    part("b", "", 0, 2, 3);
    assertThat(online()).as("without a sign of life").isEmpty();
    sign("a");
    assertThat(online()).containsExactly(1, 2, -1);
    sign("b");
    assertThat(online()).containsExactly(1, 2, 3, -1);
    assertThat(elsewhere.online(APP + 1).isEmpty()).as("another app").isTrue();
    assertThat(elsewhere.connections(APP, List.of(member("m", 2), member("n", 7))))
        .extracting(Presence.Connection::id)
        .containsExactlyInAnyOrder("a.2.iOS", "a.2.Web", "b.2.other");
    assertThat(elsewhere.connections(APP + 1, List.of(member("m", 2)))).isEmpty();
  }

  @Test
  void a_later_record_takes_the_place_of_the_one_before_and_touches_no_other_part() {
    sign("self");
    sign("a");
    part("a", "iOS", 1, 65_536, 65_537);
    part("a", "iOS", 2, 131_072);
    part("a", "iOS", 1, 65_538);
    assertThat(online()).containsExactly(65_538, 131_072);
    part("a", "iOS", 1);
    assertThat(online()).containsExactly(131_072);
  }

  @Test
  void a_node_that_is_silent_for_15_seconds_does_not_count_until_it_is_heard_again() {
    sign("self");
    part("a", "", 0, 1);
    part("b", "", 0, 2);
    sign("a");
    pass(Duration.ofSeconds(5));
    sign("b");
    pass(Duration.ofSeconds(10));
    assertThat(online()).containsExactly(1, 2);
    pass(Duration.ofMillis(1));
    assertThat(online()).containsExactly(2);
    assertThat(elsewhere.isThere("a")).isFalse();
    assertThat(elsewhere.connections(APP, List.of(member("m", 1)))).isEmpty();
    part("a", "", 0, 1);
    assertThat(online()).as("only a sign of life is one").containsExactly(2);
    sign("a");
    assertThat(online()).containsExactly(1, 2);
    assertThat(elsewhere.isThere("a")).isTrue();
  }

  @Test
  void what_a_node_said_of_itself_is_known_until_it_takes_leave_or_was_buried() {
    sign("self");
    sign("b");
    sign("a");
    elsewhere.hear(new Subject.Life("bare"), new byte[0], stamp);
    elsewhere.hear(new Subject.Life("wordy"), new byte[10_000], stamp);
    elsewhere.hear(new Subject.Life("noise"), new byte[] {7, 7, 7}, stamp);
    Instant heard = stamp;
    assertThat(elsewhere.peers())
        .containsExactly(
            new Cell.Peer(report("a"), heard, true), new Cell.Peer(report("b"), heard, true));
    for (String silent : List.of("bare", "wordy", "noise")) {
      assertThat(elsewhere.isThere(silent)).as(silent).isTrue();
    }
    pass(Duration.ofSeconds(16));
    sign("b");
    assertThat(elsewhere.peers())
        .containsExactly(
            new Cell.Peer(report("a"), heard, false), new Cell.Peer(report("b"), stamp, true));
    elsewhere.hear(new Subject.Life("a"), null, stamp);
    assertThat(elsewhere.peers()).containsExactly(new Cell.Peer(report("b"), stamp, true));
  }

  @Test
  void signs_that_lay_in_the_topic_are_as_old_as_the_brokers_stamps_say() {
    sign("long-gone");
    part("gone", "", 0, 1);
    sign("gone");
    part("b", "", 0, 2);
    stamp = stamp.plusSeconds(6);
    sign("b");
    stamp = stamp.plusSeconds(10);
    assertThat(online()).as("before this node's own first sign is read").isEmpty();
    assertThat(elsewhere.isReady()).isFalse();
    sign("self");
    assertThat(elsewhere.isReady()).isTrue();
    assertThat(online()).containsExactly(2);
    pass(Duration.ofMillis(5_001));
    assertThat(online()).isEmpty();
  }

  @Test
  void a_node_that_starts_anew_does_not_bring_its_earlier_life_back() {
    part("first", "", 0, 1);
    sign("first");
    stamp = stamp.plusSeconds(20);
    part("second", "", 0, 2);
    sign("second");
    sign("self");
    for (int i = 0; i < 10; i++) {
      pass(Duration.ofSeconds(3));
      sign("self");
      sign("second");
    }
    assertThat(online()).containsExactly(2);
  }

  @Test
  void a_node_that_takes_leave_is_offline_at_once_and_leaves_nothing() {
    sign("self");
    sign("a");
    part("a", "", 0, 1);
    elsewhere.hear(new Subject.Life("a"), null, stamp);
    assertThat(online()).isEmpty();
    part("a", "", 0);
    for (int i = 0; i < 2 * Elsewhere.DEAD_AFTER; i++) {
      sign("self");
    }
    assertThat(elsewhere.remains(10)).isEmpty();
  }

  @Test
  void what_dead_nodes_left_is_named_for_burying_part_by_part() {
    sign("self");
    sign("dead");
    sign("alive");
    part("dead", "iOS", 0, 1);
    part("dead", "iOS", 0xFFFF, -1);
    part("alive", "iOS", 0, 5);
    for (int i = 0; i < Elsewhere.DEAD_AFTER; i++) {
      assertThat(elsewhere.remains(10)).isEmpty();
      sign("self");
      sign("alive");
    }
    List<Subject> remains = elsewhere.remains(10);
    assertThat(remains)
        .containsExactlyInAnyOrder(
            new Subject.Part("dead", new OnlineChunk(APP, "iOS", 0)),
            new Subject.Part("dead", new OnlineChunk(APP, "iOS", 0xFFFF)),
            new Subject.Life("dead"));
    assertThat(elsewhere.remains(1)).hasSize(1).doesNotContain(new Subject.Life("dead"));
    remains.forEach(subject -> elsewhere.hear(subject, null, stamp));
    assertThat(elsewhere.remains(10)).isEmpty();
  }

  @Test
  void time_in_which_this_node_heard_nothing_makes_nobody_dead() {
    sign("self");
    sign("a");
    pass(Duration.ofDays(1));
    sign("self");
    assertThat(elsewhere.remains(10)).isEmpty();
    assertThat(elsewhere.isThere("a")).isFalse();
  }

  @Test
  void it_says_since_when_all_that_count_were_heard() {
    assertThat(elsewhere.asOf()).isEqualTo(Instant.EPOCH);
    sign("self");
    sign("a");
    pass(Duration.ofSeconds(2));
    sign("b");
    sign("self");
    assertThat(elsewhere.asOf()).isEqualTo(START);
    sign("a");
    assertThat(elsewhere.asOf()).isEqualTo(START.plusSeconds(2));
    pass(Duration.ofSeconds(20));
    assertThat(elsewhere.asOf()).as("nobody is heard").isEqualTo(START.plusSeconds(2));
    sign("self");
    assertThat(elsewhere.asOf()).as("the others do not count").isEqualTo(stamp);
  }

  @Test
  void nodes_and_bytes_are_bounded_and_what_goes_makes_room() {
    sign("self");
    for (int i = 0; i < Elsewhere.MOST_NODES + 5; i++) {
      sign("n" + i);
    }
    assertThat(elsewhere.isThere("n" + (Elsewhere.MOST_NODES - 1))).isTrue();
    assertThat(elsewhere.isThere("n" + Elsewhere.MOST_NODES)).isFalse();
    elsewhere.hear(new Subject.Life("n0"), null, stamp);
    sign("new");
    assertThat(elsewhere.isThere("new")).isTrue();

    elsewhere = new Elsewhere("self", () -> nanos, 3 * 66);
    sign("self");
    sign("a");
    for (int chunk = 0; chunk < 5; chunk++) {
      part("a", "", chunk, chunk << 16);
    }
    assertThat(online()).containsExactly(0, 1 << 16, 2 << 16);
    part("a", "", 0);
    part("a", "", 4, 4 << 16);
    assertThat(online()).containsExactly(1 << 16, 2 << 16, 4 << 16);
    part("a", "", 4, 4 << 16, (4 << 16) + 1);
    assertThat(online()).as("what has no room is not known").containsExactly(1 << 16, 2 << 16);
  }

  @Test
  void another_topic_begins_with_nothing() {
    sign("self");
    sign("a");
    part("a", "", 0, 1);
    elsewhere.clear();
    assertThat(elsewhere.isReady()).isFalse();
    sign("self");
    assertThat(online()).isEmpty();
  }
}
