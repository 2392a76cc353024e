package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.fanfare.TestNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.journal.Position;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.Recall;
import dev.fanfare.schema.Release;
import dev.fanfare.schema.RemoveMember;
import dev.fanfare.schema.StartBroadcast;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Devices that come, go, read slowly and stall, and writes that fail, while broadcasts, recalls
/// and removals pour in: each device with a cursor hears what its member is due, once, in journal
/// order, also when it moves between shards of which one lags.
///
/// One seed decides everything, also the order in which event loop and readers take turns. Replay a
/// failure with `-Dseed=N`; `-Dlong=true` runs thousands.
final class DeliverySimulationTest {
  private static final int MEMBERS = 12;
  private static final int STEPS = 150;
  private static final List<String> TAGS = List.of("a", "b");

  private final ShardFixture fixture = new ShardFixture();
  private final TestNode node = fixture.node();
  private final List<Home> homes = List.of(new Home(fixture), new Home(fixture));
  private final List<Phone> phones = new ArrayList<>();

  /// Ids of the broadcasts that each member was a recipient of.
  private final Map<String, Set<String>> due = new HashMap<>();

  private final Set<String> recalled = new HashSet<>();
  private final Map<String, Set<String>> tags = new HashMap<>();
  private final Set<String> removed = new HashSet<>();
  private Random random = new Random();
  private int sent;

  /// Whether the time of trouble is over.
  private boolean calm;

  /// A shard and its loop.
  private static final class Home {
    final ManualLoop loop = new ManualLoop();
    final Shard shard;

    Home(ShardFixture fixture) {
      shard = fixture.shard(loop);
    }
  }

  /// One device of one member.
  private static final class Phone {
    final String member;
    final FakeDevice device = new FakeDevice();
    final boolean acknowledges;
    Home home;
    @Nullable Session session;

    Phone(String member, Home home, boolean acknowledges) {
      this.member = member;
      this.home = home;
      this.acknowledges = acknowledges;
    }
  }

  static LongStream seeds() {
    Long replay = Long.getLong("seed");
    int cases = Boolean.getBoolean("long") ? 5_000 : 200;
    return replay != null ? LongStream.of(replay) : new Random().longs(cases);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void every_device_hears_what_it_is_due_once_and_in_order(long seed) {
    random = new Random(seed);
    for (int i = 0; i < MEMBERS; i++) {
      register("m" + i);
    }
    for (int i = 0; i < MEMBERS; i++) {
      phones.add(new Phone("m" + i, home(), random.nextBoolean()));
    }
    for (int step = 0; step < STEPS; step++) {
      step();
    }
    bringEveryoneHome();
    phones.forEach(this::check);
    fixture.close();
  }

  private void step() {
    Phone phone = phones.get(random.nextInt(phones.size()));
    switch (random.nextInt(16)) {
      case 0, 1, 2 -> connect(phone);
      case 3 -> disconnect(phone);
      case 4, 5, 6, 7 -> read(phone, 1 + random.nextInt(4));
      case 8, 9 -> send();
      case 10 -> recall();
      case 12 -> releaseNext();
      case 11 -> {
        if (random.nextInt(10) == 0) {
          remove(phone.member);
        }
      }
      default -> {
        Home home = home();
        for (int i = random.nextInt(20); i > 0; i--) {
          home.loop.step(random);
        }
        if (random.nextInt(20) == 0) {
          home.loop.advance(1);
        }
      }
    }
  }

  private Home home() {
    return homes.get(random.nextInt(homes.size()));
  }

  private void settle() {
    homes.forEach(home -> home.loop.settle(random));
  }

  private void register(String id) {
    Set<String> own = new TreeSet<>();
    TAGS.stream().filter(tag -> random.nextBoolean()).forEach(own::add);
    tags.put(id, own);
    due.put(id, new HashSet<>());
    node.register(id, own.toArray(String[]::new));
  }

  private void send() {
    String id = "b" + sent++;
    String tag = TAGS.get(random.nextInt(2));
    boolean everyone = random.nextInt(3) == 0;
    Audience audience = everyone ? new Audience.Everyone() : new Audience.Tag(tag);
    int pace = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 0;
    node.propose(
        command()
            .setStartBroadcast(
                StartBroadcast.newBuilder()
                    .setId(id)
                    .setSender("ops")
                    .setFormat(Format.NATIVE)
                    .setMessage(ByteString.copyFromUtf8("{\"body\":\"" + id + "\"}"))
                    .setLifetimeSeconds(100_000)
                    .setAudience(AudienceSchema.encode(audience))
                    .setPace(pace)
                    .setPivot(random.nextInt()))
            .build());
    tags.forEach((member, own) -> {
      if (!removed.contains(member) && (everyone || own.contains(tag))) {
        Objects.requireNonNull(due.get(member)).add(id);
      }
    });
  }

  private void recall() {
    if (sent > 0 && random.nextInt(3) == 0) {
      String id = "b" + random.nextInt(sent);
      long number = node.replica().broadcast(node.app(), id).orElseThrow().number();
      node.propose(command().setRecall(Recall.newBuilder().setBroadcast(number)).build());
      recalled.add(id);
    }
  }

  private void remove(String member) {
    if (removed.add(member)) {
      node.propose(
          TestNode.change(
              MemberChange.newBuilder()
                  .setId(member)
                  .setRemove(RemoveMember.getDefaultInstance())));
    }
  }

  private static Command.Builder command() {
    return Command.newBuilder().setApp(TestNode.APP);
  }

  private void connect(Phone phone) {
    Session open = phone.session;
    if (open != null && !open.closed()) {
      if (phone.device.closedWith() == null) {
        return;
      }
      disconnect(phone);
    }
    if (fixture.judge(phone.member, phone.device) instanceof Connecting.Admitted admitted) {
      phone.device.reconnect();
      phone.home = home();
      Shard shard = phone.home.shard;
      Session session = new Session(phone.device, admitted.login(), admitted.start(), shard.head());
      phone.session = session;
      phone.device.takesAtOnce(random::nextBoolean);
      phone.device.whileWriting(() -> {
        reportWritability(phone, session);
        failSometimes();
      });
      phone.home.loop.execute(() -> shard.open(session, admitted.start(), 0));
    } else {
      assertThat(removed).contains(phone.member);
    }
  }

  private void disconnect(Phone phone) {
    Session session = phone.session;
    if (session != null) {
      phone.home.loop.execute(() -> phone.home.shard.closed(session));
      phone.home.loop.settle(random);
      phone.device.reconnect();
      phone.session = null;
    }
  }

  /// Transports report in the middle of a write that they take more.
  private void reportWritability(Phone phone, Session session) {
    if (random.nextInt(4) == 0 && phone.device.isWritable()) {
      phone.home.shard.writabilityChanged(session);
    }
  }

  /// What a write meets when memory for sockets runs out.
  private void failSometimes() {
    if (!calm && random.nextInt(50) == 0) {
      throw new InternalError("planted");
    }
  }

  private void read(Phone phone, int frames) {
    Session session = phone.session;
    boolean wasWritable = phone.device.isWritable();
    phone.device.read(frames);
    if (session != null && !session.closed()) {
      if (!wasWritable && phone.device.isWritable()) {
        phone.home.loop.execute(() -> phone.home.shard.writabilityChanged(session));
      }
      if (phone.acknowledges && phone.device.cursor() != null) {
        Position position = Position.parse(phone.device.cursor()).orElseThrow();
        phone.home.loop.execute(() -> phone.home.shard.acknowledge(session, position));
      }
    }
  }

  /// Releases what is still paced, connects everyone and lets them read until nothing comes.
  private void bringEveryoneHome() {
    for (int i = 0; i < sent; i++) {
      releaseAll("b" + i);
    }
    settle();
    calm = true;
    homes.forEach(at -> at.loop.advance(1));
    settle();
    for (Phone phone : phones) {
      connect(phone);
    }
    for (int round = 0; round < 200; round++) {
      settle();
      phones.forEach(phone -> read(phone, 3));
    }
  }

  /// Releases the next slice of some broadcast, if it has one.
  private void releaseNext() {
    if (sent > 0) {
      long number =
          node.replica().broadcast(node.app(), "b" + random.nextInt(sent)).orElseThrow().number();
      int next =
          node.replica()
              .timeline()
              .broadcast(number)
              .map(live -> live.notices().slices())
              .orElseThrow();
      release(number, next);
    }
  }

  private void release(long number, int slice) {
    fixture.clock().advance(Duration.ofSeconds(2));
    node.propose(
        command().setRelease(Release.newBuilder().setBroadcast(number).setSlice(slice)).build());
  }

  private void releaseAll(String id) {
    long number = node.replica().broadcast(node.app(), id).orElseThrow().number();
    for (int slice = 1; slice < MEMBERS; slice++) {
      release(number, slice);
    }
  }

  private void check(Phone phone) {
    List<String> heard = phone.device.broadcasts();
    Set<String> expected = Objects.requireNonNull(due.get(phone.member));
    assertThat(heard).as("once").doesNotHaveDuplicates();
    assertThat(expected).as("only what is due").containsAll(heard);
    if (!removed.contains(phone.member)) {
      Set<String> missed = new TreeSet<>(expected);
      missed.removeAll(new HashSet<>(heard));
      assertThat(recalled).as("only what was recalled is missed").containsAll(missed);
      assertThat(phone.session).isNotNull();
      assertThat(phone.session.atHead()).isTrue();
    }
    checkOrder(phone);
  }

  private static void checkOrder(Phone phone) {
    long last = -1;
    for (JsonNode message : phone.device.heard()) {
      String type = message.path("type").asText();
      if (type.equals("hello")) {
        last = -1;
      } else if (message.has("position")) {
        long offset = Position.parse(message.path("position").asText()).orElseThrow().offset();
        if (type.equals("caught-up")) {
          assertThat(offset).isGreaterThanOrEqualTo(last);
        } else {
          assertThat(offset).as("positions rise").isGreaterThan(last);
        }
        last = offset;
      }
    }
  }
}
