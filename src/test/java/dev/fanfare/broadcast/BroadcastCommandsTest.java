package dev.fanfare.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.AddWebhook;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.schema.Cancel;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.schema.DuplicateKey;
import dev.fanfare.schema.EventKind;
import dev.fanfare.schema.Expire;
import dev.fanfare.schema.FixUnreached;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.Limits;
import dev.fanfare.schema.Recall;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.schema.StartDue;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.Table;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Repetitions, limits and the end of a broadcast's life. The transitions themselves are
/// model-tested.
final class BroadcastCommandsTest {
  private final MemoryStore store = new MemoryStore();
  private final TestClock clock = new TestClock();
  private TestNode node = TestNode.start(store, clock);

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void a_signature_seen_again_is_the_same_broadcast_until_it_ends() {
    long until = clock.millis() + 900_000;
    DuplicateKey key = key(DuplicateKey.Kind.SIGNATURE, "s").setUntil(until).build();
    assertThat(send("first", key)).isEqualTo(new Outcome.Started("first", false));
    clock.advance(Duration.ofMinutes(15));
    assertThat(send("second", key)).isEqualTo(new Outcome.Started("first", true));
    assertThat(node.replica().broadcast(node.app(), "second")).isEmpty();
    clock.advance(Duration.ofMillis(1));
    assertThat(send("third", key)).isEqualTo(new Outcome.Started("third", false));
  }

  @Test
  void a_repetition_is_recognised_after_a_restart() {
    DuplicateKey key = key(DuplicateKey.Kind.BODY, "b").build();
    send("first", key);
    node.close();
    node = TestNode.start(store, clock);
    assertThat(send("second", key)).isEqualTo(new Outcome.Started("first", true));
  }

  @Test
  void an_equal_body_is_the_same_broadcast_for_a_minute() {
    DuplicateKey key = key(DuplicateKey.Kind.BODY, "b").build();
    send("first", key);
    clock.advance(Duration.ofMinutes(1));
    assertThat(send("second", key)).isEqualTo(new Outcome.Started("first", true));
    clock.advance(Duration.ofMillis(1));
    assertThat(send("third", key)).isEqualTo(new Outcome.Started("third", false));
  }

  @Test
  void an_idempotency_key_with_another_body_is_refused_for_seven_days() {
    send("first", key(DuplicateKey.Kind.IDEMPOTENCY, "k").setBody(bytes("one")).build());
    DuplicateKey other = key(DuplicateKey.Kind.IDEMPOTENCY, "k").setBody(bytes("two")).build();
    assertThat(send("second", other))
        .isEqualTo(new Outcome.Refused(new Refusal.IdempotencyKeyReused()));
    clock.advance(Duration.ofDays(7).plusMillis(1));
    assertThat(send("second", other)).isEqualTo(new Outcome.Started("second", false));
  }

  @Test
  void keys_of_different_kinds_and_apps_do_not_meet() {
    send("first", key(DuplicateKey.Kind.BODY, "x").build());
    assertThat(send("second", key(DuplicateKey.Kind.IDEMPOTENCY, "x").build()))
        .isEqualTo(new Outcome.Started("second", false));
    otherApp(10);
    Command elsewhere =
        start("third", 100, key(DuplicateKey.Kind.BODY, "x").build()).setApp(2).build();
    assertThat(node.propose(elsewhere)).isEqualTo(new Outcome.Started("third", false));
  }

  @Test
  void live_broadcasts_up_to_the_limit_are_taken_and_make_room_when_they_end() {
    otherApp(2);
    assertThat(sendElsewhere("1")).isEqualTo(new Outcome.Started("1", false));
    assertThat(sendElsewhere("2")).isEqualTo(new Outcome.Started("2", false));
    assertThat(sendElsewhere("3"))
        .isEqualTo(new Outcome.Refused(new Refusal.TooManyLiveBroadcasts(2)));
    clock.advance(Duration.ofSeconds(100));
    expire("1");
    assertThat(sendElsewhere("3")).isEqualTo(new Outcome.Started("3", false));
  }

  @Test
  void an_unknown_attribute_refuses_the_whole_send() {
    Outcome outcome =
        node.propose(
            Command.newBuilder()
                .setApp(TestNode.APP)
                .setStartBroadcast(
                    builder("b", 10)
                        .setAudience(AudienceSchema.encode(new Audience.Attribute("city", "ny"))))
                .build());
    assertThat(outcome).isEqualTo(new Outcome.Refused(new Refusal.UnknownAttribute("city")));
    assertThat(node.replica().broadcast(node.app(), "b")).isEmpty();
    assertThat(store.table(Table.LIVE)).isEmpty();
  }

  @Test
  void a_finished_broadcast_can_be_recalled_for_a_day_and_then_leaves_the_timeline() {
    node.register("1");
    node.propose(start("b", 10).build());
    long number = number("b");
    clock.advance(Duration.ofHours(24));
    assertThat(node.replica().timeline().broadcast(number)).isPresent();
    assertThat(recall(number)).isEqualTo(new Outcome.Done());
    clock.advance(Duration.ofMillis(1));
    node.propose(expire(number));
    assertThat(node.replica().timeline().broadcast(number)).isEmpty();
    assertThat(store.table(Table.LIVE)).isEmpty();
    assertThat(node.replica().broadcast(node.app(), "b").orElseThrow().state())
        .isEqualTo(BroadcastState.RECALLED);
  }

  @Test
  void a_recall_after_its_time_is_refused() {
    node.register("1");
    node.propose(start("b", 10).build());
    clock.advance(Duration.ofHours(24).plusMillis(1));
    assertThat(recall(number("b")))
        .isEqualTo(new Outcome.Refused(new Refusal.IllegalTransition("completed")));
  }

  @Test
  void a_broadcast_of_lifetime_zero_does_not_count_as_live() {
    otherApp(1);
    node.propose(start("momentary", 0).setApp(2).build());
    assertThat(sendElsewhere("1")).isEqualTo(new Outcome.Started("1", false));
  }

  @Test
  void a_broadcast_of_lifetime_zero_leaves_the_timeline_100_000_starts_later() {
    node.register("1");
    node.propose(start("first", 0).build());
    node.propose(start("second", 0).build());
    long first = number("first");
    long second = number("second");
    Batch batch = new Batch(store);
    batch.put(Table.UNCOUNTED, Key.bytes(TestNode.APP), Key.bytes(99_999L));
    store.write(batch);
    node.propose(start("takes the last place", 0).build());
    assertThat(node.replica().timeline().broadcast(first)).isPresent();
    node.propose(start("takes the place of the first", 0).build());
    assertThat(node.replica().timeline().broadcast(first)).isEmpty();
    assertThat(node.replica().timeline().broadcast(second)).isPresent();
    assertThat(node.replica().timeline().notices(TestNode.APP, 0, Long.MAX_VALUE))
        .noneMatch(notice -> notice.broadcast() == first)
        .anyMatch(notice -> notice.broadcast() == second);
    node.close();
    node = TestNode.start(store, clock);
    assertThat(node.replica().timeline().broadcast(first)).isEmpty();
    assertThat(node.replica().timeline().broadcast(second)).isPresent();
  }

  @Test
  void broadcast_whose_life_is_over_leaves_the_timeline_100_000_ends_later() {
    node.register("1");
    for (String id : List.of("first", "second")) {
      node.propose(start(id, 10).build());
      clock.advance(Duration.ofSeconds(10));
      node.propose(expire(number(id)));
    }
    assertThat(recall(number("second"))).isEqualTo(new Outcome.Done());
    store.table(Table.UNCOUNTED).put(Key.bytes(TestNode.APP), Key.bytes(100_000L));
    node.propose(start("takes the place of the first", 0).build());
    assertThat(node.replica().timeline().byId(TestNode.APP, "first")).isEmpty();
    assertThat(node.replica().timeline().byId(TestNode.APP, "second")).isPresent();
    assertThat(recall(number("first")))
        .as("nobody could be told any more")
        .isEqualTo(new Outcome.Refused(new Refusal.IllegalTransition("completed")));
  }

  @Test
  void scheduled_broadcast_counts_as_live_whatever_its_lifetime() {
    otherApp(1);
    long later = clock.millis() + 60_000;
    Command scheduled = scheduled("later", later).setApp(2).build();
    assertThat(node.propose(scheduled)).isEqualTo(new Outcome.Started("later", false));
    Outcome full = new Outcome.Refused(new Refusal.TooManyLiveBroadcasts(1));
    assertThat(sendElsewhere("1")).isEqualTo(full);
    assertThat(node.propose(scheduled("another", later).setApp(2).build())).isEqualTo(full);
    clock.advance(Duration.ofMinutes(1));
    long number = node.replica().timeline().byId(2, "later").orElseThrow().number();
    node.propose(
        Command.newBuilder()
            .setApp(2)
            .setStartDue(StartDue.newBuilder().setBroadcast(number))
            .build());
    assertThat(sendElsewhere("1")).isEqualTo(new Outcome.Started("1", false));
  }

  @Test
  void cancelled_broadcast_counts_no_longer() {
    otherApp(1);
    for (String id : List.of("first", "second")) {
      Command scheduled = scheduled(id, clock.millis() + 60_000).setApp(2).build();
      assertThat(node.propose(scheduled)).isEqualTo(new Outcome.Started(id, false));
      long number = node.replica().timeline().byId(2, id).orElseThrow().number();
      node.propose(
          Command.newBuilder()
              .setApp(2)
              .setCancel(Cancel.newBuilder().setBroadcast(number))
              .build());
    }
    assertThat(store.table(Table.UNCOUNTED)).isEmpty();
  }

  @Test
  void call_that_repeated_a_body_is_known_by_its_signature_when_the_window_of_the_body_is_over() {
    DuplicateKey body = key(DuplicateKey.Kind.BODY, "b").build();
    long until = clock.millis() + 900_000;
    DuplicateKey first = key(DuplicateKey.Kind.SIGNATURE, "first").setUntil(until).build();
    DuplicateKey second = key(DuplicateKey.Kind.SIGNATURE, "second").setUntil(until).build();
    assertThat(send("one", first, body)).isEqualTo(new Outcome.Started("one", false));
    clock.advance(Duration.ofSeconds(59));
    assertThat(send("two", second, body)).isEqualTo(new Outcome.Started("one", true));
    clock.advance(Duration.ofSeconds(2));
    assertThat(send("three", second, body)).isEqualTo(new Outcome.Started("one", true));
    assertThat(send("four", body)).isEqualTo(new Outcome.Started("four", false));
  }

  @Test
  void nobody_is_told_who_missed_a_broadcast_that_was_recalled() {
    node.register("1");
    node.propose(
        Command.newBuilder()
            .setApp(TestNode.APP)
            .setAddWebhook(
                AddWebhook.newBuilder()
                    .setId("w")
                    .setUrl("https://example.com")
                    .addEvents(EventKind.UNREACHED))
            .build());
    for (String id : List.of("recalled", "stands")) {
      node.propose(start(id, 3_600).build());
    }
    recall(number("recalled"));
    clock.advance(Duration.ofSeconds(11));
    assertThat(fixUnreached("recalled")).isEqualTo(new Outcome.Done());
    assertThat(store.table(Table.EVENT)).isEmpty();
    assertThat(fixUnreached("stands")).isEqualTo(new Outcome.Done());
    assertThat(store.table(Table.EVENT)).hasSize(1);
  }

  private Outcome fixUnreached(String id) {
    FixUnreached fix = FixUnreached.newBuilder().setBroadcast(number(id)).build();
    return node.propose(Command.newBuilder().setApp(TestNode.APP).setFixUnreached(fix).build());
  }

  private static Command.Builder scheduled(String id, long startAt) {
    return Command.newBuilder().setStartBroadcast(builder(id, 0).setStartAt(startAt));
  }

  @Test
  void message_numbers_rise_even_within_a_millisecond() {
    long last = 0;
    for (int i = 0; i < 50; i++) {
      send("b" + i);
      long number = node.replica().broadcast(node.app(), "b" + i).orElseThrow().messageNumber();
      assertThat(number).isGreaterThan(last);
      last = number;
    }
  }

  private void otherApp(int liveBroadcasts) {
    node.propose(
        Command.newBuilder()
            .setCreateApp(
                CreateApp.newBuilder()
                    .setId("other")
                    .setLimits(
                        Limits.newBuilder()
                            .setTagsPerMember(10)
                            .setTerms(10)
                            .setBodyWindowSeconds(60)
                            .setLiveBroadcasts(liveBroadcasts)))
            .build());
  }

  private Outcome sendElsewhere(String id) {
    return node.propose(start(id, 100).setApp(2).build());
  }

  private void expire(String id) {
    var other = node.replica().tenants().byNumber(2).orElseThrow();
    node.propose(expire(node.replica().broadcast(other, id).orElseThrow().number()));
  }

  private static Command expire(long number) {
    return Command.newBuilder()
        .setApp(TestNode.APP)
        .setExpire(Expire.newBuilder().setBroadcast(number))
        .build();
  }

  private Outcome recall(long number) {
    return node.propose(
        Command.newBuilder()
            .setApp(TestNode.APP)
            .setRecall(Recall.newBuilder().setBroadcast(number))
            .build());
  }

  private long number(String id) {
    return node.replica().broadcast(node.app(), id).orElseThrow().number();
  }

  private Outcome send(String id, DuplicateKey... keys) {
    return node.propose(start(id, 1_000_000, keys).build());
  }

  private static Command.Builder start(String id, long lifetime, DuplicateKey... keys) {
    StartBroadcast.Builder start = builder(id, lifetime);
    for (DuplicateKey key : keys) {
      start.addDuplicateKeys(key);
    }
    return Command.newBuilder().setApp(TestNode.APP).setStartBroadcast(start);
  }

  private static StartBroadcast.Builder builder(String id, long lifetime) {
    return StartBroadcast.newBuilder()
        .setId(id)
        .setFormat(Format.NATIVE)
        .setLifetimeSeconds(lifetime)
        .setAudience(AudienceSchema.encode(new Audience.Everyone()));
  }

  private static DuplicateKey.Builder key(DuplicateKey.Kind kind, String name) {
    return DuplicateKey.newBuilder().setKind(kind).setKey(bytes(name));
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
