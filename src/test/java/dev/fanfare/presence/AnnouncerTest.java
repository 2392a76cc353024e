package dev.fanfare.presence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.member.OnlineChunk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/// What a node tells the others, and when, in virtual time.
final class AnnouncerTest {
  private final FakeConnections local = new FakeConnections("here");
  private final List<MockProducer<byte[], byte[]>> producers = new ArrayList<>();
  private final Announcer announcer =
      new Announcer(local, "presence", local::report, this::producer);
  private long nanos = Long.MAX_VALUE - 5;

  private MockProducer<byte[], byte[]> producer() {
    MockProducer<byte[], byte[]> made =
        new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    producers.add(made);
    return made;
  }

  private MockProducer<byte[], byte[]> sent() {
    return producers.getLast();
  }

  /// What the next second brings, in words.
  private List<String> announce() {
    int before = sent().history().size();
    announcer.announce(nanos);
    nanos += Duration.ofSeconds(1).toNanos();
    return since(before);
  }

  private List<String> since(int before) {
    return sent().history().stream().skip(before).map(AnnouncerTest::text).toList();
  }

  private List<String> announceAndDeliver() {
    List<String> told = announce();
    while (sent().completeNext()) {
      // Each is acknowledged.
    }
    return told;
  }

  private static String text(ProducerRecord<byte[], byte[]> record) {
    String told = record.value() == null ? "gone" : "told";
    return switch (Subject.decode(record.key()).orElseThrow()) {
      case Subject.Life(String node) -> node + " " + (record.value() == null ? "gone" : "lives");
      case Subject.Part(String node, OnlineChunk chunk) ->
          node + " " + chunk.app() + "/" + chunk.platform() + "/" + chunk.number() + " " + told;
    };
  }

  @Test
  void only_what_changed_is_told_and_a_sign_of_life_every_three_seconds() {
    local.connect(1, "iOS", 5);
    assertThat(announceAndDeliver()).containsExactly("here 1/iOS/0 told", "here lives");
    assertThat(announceAndDeliver()).isEmpty();
    local.connect(1, "iOS", 6);
    local.connect(1, "iOS", 7);
    assertThat(announceAndDeliver()).containsExactly("here 1/iOS/0 told");
    local.leave(1, "iOS", 5);
    local.leave(1, "iOS", 6);
    local.leave(1, "iOS", 7);
    assertThat(announceAndDeliver()).containsExactly("here 1/iOS/0 gone", "here lives");
  }

  @Test
  void while_something_is_unacknowledged_the_rest_waits_and_is_told_as_it_is_then() {
    local.connect(1, "", 5);
    announce();
    local.connect(1, "", 1 << 16);
    local.connect(1, "", 6);
    assertThat(announce()).isEmpty();
    local.leave(1, "", 1 << 16);
    while (sent().completeNext()) {
      // Each is acknowledged.
    }
    assertThat(announceAndDeliver()).containsExactlyInAnyOrder("here 1//0 told", "here 1//1 gone");
  }

  @Test
  void a_second_has_a_bounded_share_and_the_longest_waiting_goes_first() {
    for (int chunk = 0; chunk < Announcer.MOST_RECORDS + 10; chunk++) {
      local.connect(1, "", chunk << 16);
    }
    List<String> first = announceAndDeliver();
    assertThat(first).hasSize(Announcer.MOST_RECORDS + 1).endsWith("here lives");
    for (int chunk = 0; chunk < Announcer.MOST_RECORDS; chunk++) {
      local.connect(2, "", chunk << 16);
    }
    List<String> second = announceAndDeliver();
    assertThat(second).hasSize(Announcer.MOST_RECORDS);
    assertThat(second.subList(0, 10)).allMatch(told -> told.startsWith("here 1/"));
    assertThat(announceAndDeliver()).hasSize(10);
    assertThat(announceAndDeliver()).as("a sign is due").containsExactly("here lives");
  }

  @Test
  void a_second_has_bounded_bytes() {
    for (int chunk = 0; chunk < 1_000; chunk++) {
      for (int low = 0; low < 5_000; low++) {
        local.connect(1, "", chunk << 16 | low);
      }
    }
    announce();
    long bytes = sent().history().stream().mapToLong(record -> record.value().length).sum();
    assertThat(bytes).isBetween(Announcer.MOST_BYTES - 8_192, Announcer.MOST_BYTES + 8_300);
  }

  @Test
  void what_failed_is_told_again_after_a_sign_of_life_came_through() {
    local.connect(1, "", 5);
    announce();
    sent().errorNext(new TimeoutException("no broker"));
    sent().errorNext(new TimeoutException("no broker"));
    assertThat(announceAndDeliver()).isEmpty();
    assertThat(announceAndDeliver()).isEmpty();
    assertThat(announceAndDeliver()).containsExactly("here lives");
    assertThat(announceAndDeliver()).containsExactly("here 1//0 told");
    assertThat(producers).as("a client that may recover is kept").hasSize(1);
  }

  @Test
  void a_client_that_failed_for_good_is_replaced() {
    announce();
    sent().errorNext(new TopicAuthorizationException("presence"));
    announce();
    assertThat(producers).hasSize(2);
    assertThat(producers.getFirst().closed()).isTrue();
  }

  @Test
  void who_was_buried_alive_takes_back_what_is_not_true() {
    OnlineChunk there = new OnlineChunk(1, "", 0);
    local.connect(1, "", 5);
    announceAndDeliver();
    announcer.heard(new Subject.Part("here", there), null);
    announcer.heard(new Subject.Part("here", new OnlineChunk(1, "", 7)), null);
    announcer.heard(new Subject.Life("here"), null);
    assertThat(announceAndDeliver()).containsExactly("here 1//0 told", "here lives");
  }

  @Test
  void a_record_that_comes_too_late_is_taken_back_and_one_that_is_so_is_not_told_again() {
    local.connect(1, "", 5);
    announceAndDeliver();
    Subject subject = new Subject.Part("here", new OnlineChunk(1, "", 0));
    announcer.heard(subject, Packed.pack(RoaringBitmap.bitmapOf(5)));
    announcer.heard(new Subject.Life("here"), Sign.pack(local.report()));
    assertThat(announceAndDeliver()).isEmpty();
    announcer.heard(subject, Packed.pack(RoaringBitmap.bitmapOf(4, 5)));
    assertThat(announceAndDeliver()).containsExactly("here 1//0 told");
  }

  @Test
  void everything_is_told_anew_to_a_new_topic() {
    local.connect(1, "", 5);
    local.connect(2, "Web", 5);
    announceAndDeliver();
    announcer.startOver();
    assertThat(announceAndDeliver())
        .containsExactlyInAnyOrder("here 1//0 told", "here 2/Web/0 told", "here lives");
  }

  @Test
  void taking_leave_comes_first_and_clears_every_part() {
    local.connect(1, "", 5);
    announceAndDeliver();
    local.leave(1, "", 5);
    local.connect(1, "", 1 << 16);
    int before = sent().history().size();
    announcer.close();
    assertThat(sent().closed()).isTrue();
    assertThat(since(before))
        .startsWith("here gone")
        .containsExactlyInAnyOrder("here gone", "here 1//0 gone", "here 1//1 gone");
  }
}
