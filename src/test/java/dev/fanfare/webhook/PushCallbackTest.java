package dev.fanfare.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.schema.AddWebhook;
import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.ChangeApp;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.EventKind;
import dev.fanfare.schema.Everyone;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.ReceiptChunk;
import dev.fanfare.schema.Receipts;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.schema.WebhookFormat;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.MemoryStore;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/// Webhooks in the Tencent format and a receiver that knows the vendor's page alone.
///
/// `-Dseed=N` replays a run.
class PushCallbackTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long SDK_APP_ID = 1_400_000_000L;
  private static final String TOKEN = "xxxyyy";
  private static final int MEMBERS = 250;
  private static final int PUSHES = 4;

  private final long seed = Long.getLong("seed", new Random().nextLong());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final MemoryStore store = new MemoryStore();
  private final TestClock clock = new TestClock();
  private final CallbackReceiver receiver;
  private TestNode node = TestNode.start(store, clock);
  private Deliveries deliveries = deliveries();

  PushCallbackTest() throws IOException {
    this.receiver = new CallbackReceiver(SDK_APP_ID, TOKEN, seed);
  }

  /// Broadcasts whose ids end in `d` were sent with a DataId.
  private static PushTask task(Broadcast sent) {
    String id = sent.id();
    return new PushTask(
        "task-" + id, id.endsWith("d") ? Optional.of("data-" + id) : Optional.empty());
  }

  private Deliveries deliveries() {
    return new Deliveries(
        new Deliveries.Node(
            store,
            () -> node.replica().tenants(),
            node.replica().timeline(),
            node.journal(),
            clock,
            PushCallbackTest::task),
        new Targets(true));
  }

  @AfterEach
  void close() {
    deliveries.close();
    node.close();
    receiver.close();
    assertThat(node.broken()).isFalse();
    assertThat(receiver.complaints()).as("seed %s", seed).isEmpty();
  }

  private static Command.Builder command() {
    return Command.newBuilder().setApp(TestNode.APP);
  }

  private void add(String token) {
    node.propose(
        command().setChangeApp(ChangeApp.newBuilder().setTencentSdkAppId(SDK_APP_ID)).build());
    node.propose(
        command()
            .setAddWebhook(
                AddWebhook.newBuilder()
                    .setId("w")
                    .setUrl(receiver.url())
                    .setSecret(Signing.secret(new Random(1)))
                    .addEvents(EventKind.RECEIPT)
                    .setFormat(WebhookFormat.TENCENT_WEBHOOK)
                    .setToken(token))
            .build());
  }

  private long send(String id) {
    node.propose(
        command()
            .setStartBroadcast(
                StartBroadcast.newBuilder()
                    .setId(id)
                    .setFormat(Format.NATIVE)
                    .setMessage(ByteString.copyFromUtf8("{\"body\":1}"))
                    .setLifetimeSeconds(1_000)
                    .setAudience(
                        AudienceNode.newBuilder().setEveryone(Everyone.getDefaultInstance())))
            .build());
    return node.replica().broadcast(node.app(), id).orElseThrow().number();
  }

  private void report(long broadcast, RoaringBitmap[] stages) {
    node.propose(
        command()
            .setReceipts(
                Receipts.newBuilder()
                    .addChunks(
                        ReceiptChunk.newBuilder()
                            .setBroadcast(broadcast)
                            .setReached(bytes(stages[0]))
                            .setDelivered(bytes(stages[1]))
                            .setRead(bytes(stages[2]))))
            .build());
  }

  private static ByteString bytes(RoaringBitmap bits) {
    return ByteString.copyFrom(BitmapBytes.serialize(bits));
  }

  /// Some members further than before: each stage a part of the one before.
  private RoaringBitmap[] further(RoaringBitmap[] before) {
    RoaringBitmap[] stages = new RoaringBitmap[3];
    for (int stage = 0; stage < 3; stage++) {
      stages[stage] = before[stage].clone();
      for (int ordinal = 0; ordinal < MEMBERS; ordinal++) {
        boolean may = stage == 0 || stages[stage - 1].contains(ordinal);
        if (may && random.nextInt(3) == 0) {
          stages[stage].add(ordinal);
        }
      }
    }
    return stages;
  }

  private static void expect(
      Set<CallbackReceiver.Key> expected, String push, RoaringBitmap[] stages) {
    for (int stage = 0; stage < 3; stage++) {
      for (int ordinal : stages[stage]) {
        expected.add(new CallbackReceiver.Key("task-" + push, "m" + ordinal, 2, stage + 1));
      }
    }
  }

  /// Lets time pass, so that what failed is tried again, until something holds.
  private void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("%s, seed %s", what, seed).isLessThan(deadline);
      clock.advance(Duration.ofSeconds(1));
      Thread.sleep(5);
    }
  }

  private void restartNode() {
    deliveries.close();
    node.close();
    node = TestNode.start(store, clock);
    deliveries = deliveries();
  }

  @Test
  void a_receiver_that_fails_is_slow_and_restarts_gets_every_event_once_by_its_keys()
      throws Exception {
    add(TOKEN);
    for (int i = 0; i < MEMBERS; i++) {
      node.register("m" + i);
    }
    Set<CallbackReceiver.Key> expected = new HashSet<>();
    for (int push = 0; push < PUSHES; push++) {
      String id = "b-" + push + (push % 2 == 0 ? "d" : "");
      long number = send(id);
      RoaringBitmap[] stages = {new RoaringBitmap(), new RoaringBitmap(), new RoaringBitmap()};
      receiver.misbehave(5, 5);
      for (int report = 0; report < 4; report++) {
        stages = further(stages);
        int before = receiver.events().size() + receiver.repeated();
        report(number, stages);
        await("something came", () -> receiver.events().size() + receiver.repeated() > before);
        if (random.nextInt(3) == 0) {
          receiver.restart();
        }
        if (random.nextInt(6) == 0) {
          restartNode();
        }
      }
      expect(expected, id, stages);
    }
    receiver.misbehave(0, 0);
    receiver.restart();
    restartNode();
    await("all of it came", () -> receiver.events().size() >= expected.size());
    await("nothing is pending", () -> new Webhooks(store).of(TestNode.APP).getPending() == 0);
    assertThat(receiver.events().keySet()).as("seed %s", seed).isEqualTo(expected);
    for (JsonNode event : receiver.events().values()) {
      String push = event.path("TaskId").asText().substring("task-".length());
      assertThat(event.path("DataId").asText()).isEqualTo(push.endsWith("d") ? "data-" + push : "");
    }
  }

  @Test
  void a_test_has_the_vendors_shape() {
    add(TOKEN);
    var webhook = new Webhooks(store).of(TestNode.APP).getWebhooks(0);
    assertThat(deliveries.test(node.app(), webhook, "test-1")).isEmpty();
    assertThat(receiver.events().keySet())
        .containsExactly(new CallbackReceiver.Key("test-1", "test", 2, 1));
  }
}
