package dev.fanfare.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.member.Members;
import dev.fanfare.schema.AddWebhook;
import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.EventKind;
import dev.fanfare.schema.EventRecord;
import dev.fanfare.schema.Everyone;
import dev.fanfare.schema.FixUnreached;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.LifeEvent;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.Pause;
import dev.fanfare.schema.Recall;
import dev.fanfare.schema.ReceiptChunk;
import dev.fanfare.schema.ReceiptEvent;
import dev.fanfare.schema.Receipts;
import dev.fanfare.schema.Release;
import dev.fanfare.schema.RemoveWebhook;
import dev.fanfare.schema.Resume;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.schema.WebhookRecord;
import dev.fanfare.schema.WebhooksRecord;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.Table;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/// Webhooks over a journal in memory and a receiver on loopback.
class DeliveriesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final MemoryStore store = new MemoryStore();
  private final TestClock clock = new TestClock();
  private final Receiver receiver = new Receiver();
  private TestNode node = TestNode.start(store, clock);
  private Deliveries deliveries = deliveries(true);

  private Deliveries deliveries(boolean privateAllowed) {
    return new Deliveries(
        new Deliveries.Node(
            store,
            () -> node.replica().tenants(),
            node.replica().timeline(),
            node.journal(),
            clock,
            sent -> new PushTask(sent.id(), Optional.empty())),
        new Targets(privateAllowed));
  }

  @AfterEach
  void close() {
    deliveries.close();
    node.close();
    receiver.close();
    assertThat(node.broken()).isFalse();
    assertThat(receiver.complaints()).isEmpty();
  }

  private void add(String id, EventKind... kinds) {
    String secret = Signing.secret(new Random(1));
    receiver.expect(secret);
    node.propose(
        command()
            .setAddWebhook(
                AddWebhook.newBuilder()
                    .setId(id)
                    .setUrl(receiver.url() + "/" + id)
                    .setSecret(secret)
                    .addAllEvents(List.of(kinds)))
            .build());
  }

  /// Adds a webhook that nobody serves.
  private void addDead() {
    node.propose(
        command()
            .setAddWebhook(
                AddWebhook.newBuilder()
                    .setId("dead")
                    .setUrl("http://127.0.0.1:1/")
                    .setSecret(Signing.secret(new Random(2)))
                    .addEvents(EventKind.LIFE))
            .build());
  }

  private static Command.Builder command() {
    return Command.newBuilder().setApp(TestNode.APP);
  }

  private long send(String id, int pace) {
    return send(id, pace, Format.NATIVE, "{\"body\":1}");
  }

  private void sendMomentary(String id) {
    node.propose(
        command()
            .setStartBroadcast(
                StartBroadcast.newBuilder()
                    .setId(id)
                    .setFormat(Format.NATIVE)
                    .setMessage(ByteString.copyFromUtf8("{\"body\":1}"))
                    .setAudience(
                        AudienceNode.newBuilder().setEveryone(Everyone.getDefaultInstance())))
            .build());
  }

  private long send(String id, int pace, Format format, String message) {
    node.propose(
        command()
            .setStartBroadcast(
                StartBroadcast.newBuilder()
                    .setId(id)
                    .setFormat(format)
                    .setMessage(ByteString.copyFrom(message, StandardCharsets.UTF_8))
                    .setLifetimeSeconds(1_000)
                    .setPace(pace)
                    .setAudience(
                        AudienceNode.newBuilder().setEveryone(Everyone.getDefaultInstance())))
            .build());
    return node.replica().broadcast(node.app(), id).orElseThrow().number();
  }

  private void reached(long broadcast, int... ordinals) {
    ByteString bits = ByteString.copyFrom(BitmapBytes.serialize(RoaringBitmap.bitmapOf(ordinals)));
    node.propose(
        command()
            .setReceipts(
                Receipts.newBuilder()
                    .addChunks(ReceiptChunk.newBuilder().setBroadcast(broadcast).setReached(bits)))
            .build());
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      Thread.sleep(5);
    }
  }

  /// Has patience with each request, however many there are.
  private void awaitAccepted(int count) throws InterruptedException {
    int accepted = receiver.accepted().size();
    while (accepted < count) {
      int before = accepted;
      await(
          "request %d of %d".formatted(before + 1, count),
          () -> receiver.accepted().size() > before);
      accepted = receiver.accepted().size();
    }
    assertThat(receiver.accepted()).hasSize(count);
  }

  /// Until what was delivered is journaled and forgotten.
  private void awaitNothingPending() throws InterruptedException {
    await("nothing is pending", () -> pending() == 0 && store.table(Table.EVENT).isEmpty());
  }

  private int pending() {
    return new Webhooks(store).of(TestNode.APP).getPending();
  }

  private static Stream<String> members(JsonNode event) {
    return event.at("/data/members").valueStream().map(JsonNode::asText);
  }

  @Test
  void life_of_a_broadcast_is_told_in_order() throws Exception {
    add("w", EventKind.LIFE);
    node.register("a");
    node.register("b");
    long broadcast = send("b-1", 1);
    node.propose(command().setPause(Pause.newBuilder().setBroadcast(broadcast)).build());
    node.propose(command().setResume(Resume.newBuilder().setBroadcast(broadcast)).build());
    node.propose(command().setRecall(Recall.newBuilder().setBroadcast(broadcast)).build());
    awaitAccepted(4);
    assertThat(receiver.accepted())
        .extracting(event -> event.path("type").asText())
        .containsExactly(
            "broadcast.running", "broadcast.paused", "broadcast.running", "broadcast.recalled");
    assertThat(receiver.accepted().getFirst().toString())
        .contains("\"broadcast\":\"b-1\"", "\"app\":\"demo\"", "\"recipients\":2");
    awaitNothingPending();
  }

  @Test
  void receipts_name_who_is_new_and_nobody_twice() throws Exception {
    add("w", EventKind.RECEIPT);
    node.register("a");
    node.register("b");
    long broadcast = send("b-1", 0);
    reached(broadcast, 0);
    reached(broadcast, 0, 1);
    awaitAccepted(2);
    assertThat(members(receiver.accepted().get(0))).containsExactly("a");
    assertThat(members(receiver.accepted().get(1))).containsExactly("b");
    assertThat(receiver.accepted().get(1).at("/data/status").asText()).isEqualTo("reached");
  }

  @Test
  void unreached_recipients_of_a_slice_are_told_once_their_time_is_over() throws Exception {
    add("w", EventKind.UNREACHED);
    for (String id : List.of("a", "b", "c")) {
      node.register(id);
    }
    long broadcast =
        send(
            "b-1",
            0,
            Format.TENCENT,
            "{\"OfflinePushInfo\":{\"Desc\":\"d\",\"PushFlag\":0,\"Price\":1.10}}");
    reached(broadcast, 1);
    node.propose(fix(broadcast, 0));
    assertThat(pending()).as("too early").isZero();
    clock.advance(Duration.ofSeconds(11));
    awaitAccepted(1);
    JsonNode event = receiver.accepted().getFirst();
    assertThat(event.path("type").asText()).isEqualTo("broadcast.unreached");
    assertThat(members(event)).containsExactly("a", "c");
    assertThat(event.at("/data/offlinePushInfo").toString())
        .isEqualTo("{\"Desc\":\"d\",\"PushFlag\":0,\"Price\":1.10}");
    awaitNothingPending();
    node.propose(fix(broadcast, 0));
    assertThat(pending()).as("fixed once").isZero();
  }

  @Test
  void unreached_recipients_of_every_slice_are_told() throws Exception {
    add("w", EventKind.UNREACHED);
    for (String id : List.of("a", "b", "c")) {
      node.register(id);
    }
    long broadcast = send("b-1", 1);
    for (int slice = 1; slice < 3; slice++) {
      clock.advance(Duration.ofSeconds(1));
      node.propose(
          command()
              .setRelease(Release.newBuilder().setBroadcast(broadcast).setSlice(slice))
              .build());
    }
    clock.advance(Duration.ofSeconds(9));
    awaitAccepted(1);
    clock.advance(Duration.ofSeconds(2));
    awaitAccepted(3);
    assertThat(receiver.accepted())
        .extracting(event -> event.at("/data/slice").asInt())
        .containsExactly(0, 1, 2);
    assertThat(receiver.accepted().stream().flatMap(DeliveriesTest::members))
        .containsExactlyInAnyOrder("a", "b", "c");
  }

  private static Command fix(long broadcast, int slice) {
    return command()
        .setFixUnreached(FixUnreached.newBuilder().setBroadcast(broadcast).setSlice(slice))
        .build();
  }

  @Test
  void push_that_wants_no_word_about_absent_members_gets_none() throws Exception {
    add("w", EventKind.UNREACHED, EventKind.LIFE);
    node.register("a");
    send("b-1", 0, Format.TENCENT, "{\"OfflinePushInfo\":{\"PushFlag\":1}}");
    clock.advance(Duration.ofSeconds(11));
    await("it was fixed", () -> store.table(Table.PROGRESS).values().stream().count() == 1);
    awaitAccepted(1);
    send("b-2", 0);
    awaitAccepted(2);
    awaitNothingPending();
    assertThat(receiver.accepted())
        .noneMatch(event -> event.path("type").asText().endsWith("unreached"));
  }

  @Test
  void failing_receiver_gets_everything_later_in_the_same_order_and_holds_up_nobody()
      throws Exception {
    add("w", EventKind.LIFE);
    node.register("a");
    receiver.fail(3);
    for (int i = 0; i < 5; i++) {
      send("b-" + i, 0);
    }
    for (int failures = 1; failures <= 3; failures++) {
      int expected = failures;
      await("it failed", () -> failures() == expected);
      clock.advance(Duration.ofSeconds(10));
    }
    awaitAccepted(5);
    assertThat(receiver.accepted())
        .extracting(event -> event.at("/data/broadcast").asText())
        .containsExactly("b-0", "b-1", "b-2", "b-3", "b-4");
    awaitNothingPending();
  }

  @Test
  void restart_goes_on_where_it_was_and_repeats_with_the_same_ids() throws Exception {
    add("w", EventKind.LIFE);
    node.register("a");
    receiver.fail(1_000);
    send("b-1", 0);
    await("it failed", () -> receiver.requests() > 0);
    deliveries.close();
    node.close();
    receiver.fail(0);
    node = TestNode.start(store, clock);
    deliveries = deliveries(true);
    awaitAccepted(1);
    send("b-2", 0);
    awaitAccepted(2);
  }

  @Test
  void event_that_failed_for_a_day_is_given_up() throws Exception {
    add("w", EventKind.LIFE);
    node.register("a");
    receiver.fail(1);
    send("b-1", 0);
    await("it failed", () -> failures() == 1);
    clock.advance(Duration.ofHours(25));
    awaitNothingPending();
    assertThat(receiver.accepted()).isEmpty();
    send("b-2", 0);
    awaitAccepted(1);
  }

  @Test
  void event_that_cannot_be_said_is_tried_later_and_later() throws Exception {
    add("w", EventKind.UNREACHED);
    add("other", EventKind.LIFE);
    node.register("a");
    send("b-1", 0, Format.TENCENT, "damaged");
    awaitAccepted(1);
    clock.advance(Duration.ofSeconds(11));
    for (int failures = 1; failures <= 3; failures++) {
      int expected = failures;
      await("it failed", () -> failures() >= expected);
      // What the other one gets shows that the webhooks were looked at meanwhile.
      for (int i = 1; i <= 3; i++) {
        send("b-" + failures + "-" + i, 0);
        awaitAccepted(3 * (failures - 1) + i + 1);
      }
      assertThat(failures()).as("without a pause").isEqualTo(expected);
      clock.advance(Duration.ofMinutes(5));
    }
  }

  private int failures() {
    return deliveries.status(node.app(), "w").map(DeliveryStatus::failures).orElse(0);
  }

  @Test
  void event_that_was_forgotten_after_it_failed_is_not_sent_in_place_of_the_next()
      throws Exception {
    node.register("a");
    Webhooks.Event forgotten = life(1, send("b-1", 0));
    Webhooks.Event next = life(2, send("b-2", 0));
    receiver.fail(1);
    try (Postman postman = new Postman(new Targets(true), clock)) {
      Posts posts = new StandardPosts(new Broadcasts(store), new Members(store));
      Delivery delivery = delivery(posts, postman);
      assertThat(delivery.deliver(node.app(), forgotten)).isFalse();
      assertThat(delivery.deliver(node.app(), next)).isTrue();
    }
    assertThat(receiver.accepted())
        .extracting(event -> event.at("/data/broadcast").asText())
        .containsExactly("b-2");
  }

  /// The way of a webhook that nobody else serves.
  private Delivery delivery(Posts posts, Postman postman) {
    String secret = Signing.secret(new Random(1));
    receiver.expect(secret);
    AddWebhook settings =
        AddWebhook.newBuilder()
            .setId("w")
            .setUrl(receiver.url() + "/w")
            .setSecret(secret)
            .addEvents(EventKind.LIFE)
            .addEvents(EventKind.RECEIPT)
            .build();
    return new Delivery(
        WebhookRecord.newBuilder().setSettings(settings).build(), posts, postman, clock);
  }

  @Test
  void pause_begins_when_the_attempt_ended_however_long_it_took() throws Exception {
    node.register("a");
    Webhooks.Event event = life(1, send("b-1", 0));
    receiver.fail(1);
    receiver.before(() -> clock.advance(Duration.ofSeconds(10)));
    try (Postman postman = new Postman(new Targets(true), clock)) {
      Posts posts = new StandardPosts(new Broadcasts(store), new Members(store));
      Delivery delivery = delivery(posts, postman);
      assertThat(delivery.deliver(node.app(), event)).isFalse();
      assertThat(delivery.mayTry()).isFalse();
      clock.advance(Duration.ofSeconds(1));
      assertThat(delivery.mayTry()).isTrue();
    }
  }

  @Test
  void status_tells_of_all_requests_of_an_event_and_of_no_test() throws Exception {
    RoaringBitmap everyone = RoaringBitmap.bitmapOfRange(0, 801);
    node.propose(
        TestNode.change(
            everyone.stream()
                .mapToObj(i ->
                    MemberChange.newBuilder()
                        .setId("m" + i)
                        .setRegister(MemberEdit.getDefaultInstance()))
                .toArray(MemberChange.Builder[]::new)));
    EventRecord.Builder record =
        EventRecord.newBuilder()
            .setBroadcast(send("b-1", 0))
            .setTime(clock.millis())
            .setReceipt(
                ReceiptEvent.newBuilder()
                    .setReached(ByteString.copyFrom(BitmapBytes.serialize(everyone))));
    Webhooks.Event event = new Webhooks.Event(new EventKey(1, 0), record.build());
    receiver.fail(1);
    try (Postman postman = new Postman(new Targets(true), clock)) {
      Posts posts =
          new TencentPosts(
              new Broadcasts(store),
              new Members(store),
              sent -> new PushTask(sent.id(), Optional.empty()));
      Delivery delivery = delivery(posts, postman);
      DeliveryStatus failed =
          new DeliveryStatus(clock.instant(), 1, Optional.of("HTTP status 500"));
      assertThat(delivery.deliver(node.app(), event)).isFalse();
      assertThat(receiver.requests()).as("the one that failed is not the last").isEqualTo(9);
      assertThat(delivery.status()).isEqualTo(failed);
      assertThat(delivery.test(node.app(), "test-1")).isEmpty();
      assertThat(delivery.status()).isEqualTo(failed);
      assertThat(delivery.deliver(node.app(), event)).isTrue();
      assertThat(receiver.requests()).isEqualTo(11);
      assertThat(delivery.status())
          .isEqualTo(new DeliveryStatus(clock.instant(), 0, Optional.empty()));
    }
  }

  /// Has events wait that are then posted one after the other.
  private void sendBatch(int events) throws InterruptedException {
    receiver.fail(1);
    for (int i = 0; i < events; i++) {
      send("b-" + i, 0);
    }
    await("it failed", () -> failures() == 1);
  }

  @Test
  void webhook_that_is_removed_gets_not_even_what_was_read_for_it() throws Exception {
    add("w", EventKind.LIFE);
    node.register("a");
    sendBatch(20);
    receiver.before(() ->
        node.propose(command().setRemoveWebhook(RemoveWebhook.newBuilder().setId("w")).build()));
    clock.advance(Duration.ofSeconds(1));
    awaitAccepted(1);
    receiver.before(() -> {});
    add("next", EventKind.LIFE);
    send("b-next", 0);
    awaitAccepted(2);
    assertThat(receiver.accepted())
        .extracting(event -> event.at("/data/broadcast").asText())
        .containsExactly("b-0", "b-next");
  }

  @Test
  void journal_hears_within_a_second_how_far_a_slow_receiver_is() throws Exception {
    add("w", EventKind.LIFE);
    node.register("a");
    sendBatch(4);
    List<Integer> pending = new CopyOnWriteArrayList<>();
    receiver.before(() -> {
      pending.add(pending());
      clock.advance(Duration.ofSeconds(2));
    });
    clock.advance(Duration.ofSeconds(1));
    awaitAccepted(4);
    assertThat(pending).containsExactly(4, 3, 2, 1);
  }

  private Webhooks.Event life(long offset, long broadcast) {
    EventRecord.Builder record =
        EventRecord.newBuilder()
            .setBroadcast(broadcast)
            .setTime(clock.millis())
            .setLife(LifeEvent.newBuilder().setState(BroadcastState.COMPLETED));
    return new Webhooks.Event(new EventKey(offset, 0), record.build());
  }

  @Test
  void private_target_is_not_posted_to_unless_that_is_allowed() throws Exception {
    deliveries.close();
    deliveries = deliveries(false);
    add("w", EventKind.LIFE);
    node.register("a");
    send("b-1", 0);
    await(
        "it was refused",
        () ->
            deliveries
                .status(node.app(), "w")
                .flatMap(DeliveryStatus::error)
                .filter(error -> error.contains("private"))
                .isPresent());
    assertThat(receiver.requests()).isZero();
  }

  @Test
  void answer_without_an_end_holds_nothing_up() throws Exception {
    add("w", EventKind.LIFE);
    receiver.answerWithoutEnd();
    node.register("a");
    send("b-1", 0);
    send("b-2", 0);
    awaitAccepted(2);
    awaitNothingPending();
  }

  @Test
  void everything_that_a_removed_webhook_held_back_is_forgotten() throws Exception {
    add("w", EventKind.LIFE);
    addDead();
    node.register("a");
    for (int i = 0; i < 2_100; i++) {
      sendMomentary("b-" + i);
    }
    awaitAccepted(2_100);
    assertThat(pending()).isEqualTo(2_100);
    node.propose(command().setRemoveWebhook(RemoveWebhook.newBuilder().setId("dead")).build());
    awaitNothingPending();
  }

  @Test
  void each_webhook_has_its_own_way_and_a_removed_one_holds_nothing_back() throws Exception {
    add("w", EventKind.LIFE);
    addDead();
    node.register("a");
    send("b-1", 0);
    send("b-2", 0);
    awaitAccepted(2);
    assertThat(pending()).isEqualTo(2);
    node.propose(command().setRemoveWebhook(RemoveWebhook.newBuilder().setId("dead")).build());
    send("b-3", 0);
    awaitAccepted(3);
    awaitNothingPending();
    node.propose(command().setRemoveWebhook(RemoveWebhook.newBuilder().setId("w")).build());
    assertThat(new Webhooks(store).of(TestNode.APP)).isEqualTo(WebhooksRecord.getDefaultInstance());
  }
}
