package dev.fanfare.volcengine;

import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.app.App;
import dev.fanfare.app.Tenants;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.http.Response;
import dev.fanfare.member.Member;
import dev.fanfare.member.Presence;
import dev.fanfare.schema.AccessKey;
import dev.fanfare.schema.AppRecord;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.schema.Limits;
import dev.fanfare.store.Key;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.Store;
import dev.fanfare.store.Table;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/// The face over a real journal and a real replica in memory, at [FakeServer#NOW]. The keys `AK`,
/// `AKB` and `AKTESTLOCAL` own the app 123456, `AK` also 1 and the disabled 333, and `AK2` owns
/// 222.
///
/// What is in memory outlives a restart.
final class LiveServer implements State, AutoCloseable {
  static final TestSigner AK = FakeServer.SIGNER;
  static final TestSigner AKB = new TestSigner("AKB", "SKB");

  final MemoryStore memory = new MemoryStore();
  final TestClock clock = new TestClock();
  final AtomicLong nanos = new AtomicLong();
  final List<Presence.Connection> connections = new ArrayList<>();
  Settings settings = FakeServer.DEFAULTS;
  Account account = Account.UNLIMITED;

  private final Store store;
  private TestNode node;
  private VolcengineFace face;

  LiveServer() {
    this(UnaryOperator.identity(), UnaryOperator.identity());
  }

  /// @param through what the node sees of the memory
  /// @param limits of the app 123456, changed from the usual ones
  LiveServer(UnaryOperator<Store> through, UnaryOperator<Limits.Builder> limits) {
    clock.advance(Duration.between(clock.instant(), FakeServer.NOW));
    this.store = through.apply(memory);
    Command.Builder first = TestNode.bootstrap().toBuilder();
    CreateApp.Builder app = first.getBootstrapBuilder().getAppBuilder();
    app.addAccessKeys(key("AKB")).addAccessKeys(key("AKTESTLOCAL"));
    app.setLimits(limits.apply(app.getLimits().toBuilder()));
    this.node = TestNode.start(store, clock, first.build());
    node.propose(app("other", 222, "AK2"));
    node.propose(app("off", 333, "AK"));
    node.propose(app("one", 1, "AK"));
    disable(3);
    this.face = restarted();
  }

  private static AccessKey.Builder key(String id) {
    return AccessKey.newBuilder().setAccessKey(id).setSecretKey(id.replace("AK", "SK"));
  }

  private static Command app(String id, long appId, String accessKey) {
    return Command.newBuilder()
        .setCreateApp(
            CreateApp.newBuilder()
                .setId(id)
                .setVolcengineAppId(appId)
                .setDeviceKey("device key of " + id)
                .setLimits(TestNode.bootstrap().getBootstrap().getApp().getLimits())
                .addAccessKeys(key(accessKey)))
        .build();
  }

  private void disable(int number) {
    memory
        .table(Table.APP)
        .computeIfPresent(
            Key.bytes(number),
            (_, record) -> {
              try {
                return AppRecord.parseFrom(record).toBuilder()
                    .setDisabled(true)
                    .build()
                    .toByteArray();
              } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  /// Starts a new node on what the old one stored.
  void restart() {
    face = restarted();
  }

  private VolcengineFace restarted() {
    node.close();
    node = TestNode.start(store, clock);
    return new VolcengineFace(
        FakeServer.RULES,
        this,
        node.journal(),
        new VolcengineFace.Clocks(clock, nanos::get),
        new Random(1));
  }

  VolcengineFace face() {
    return face;
  }

  Instant now() {
    return clock.instant();
  }

  Response answer(String action, String body) {
    return answer(AK, action, body);
  }

  /// Answers a call that is signed now.
  Response answer(TestSigner signer, String action, String body) {
    return face.answer(signer.request(FakeServer.query(action), body, now()));
  }

  /// The broadcasts that exist.
  int sent() {
    return memory.table(Table.BROADCAST).size();
  }

  @Override
  public Tenants tenants() {
    return node.replica().tenants();
  }

  @Override
  public Settings settings(App app) {
    return settings;
  }

  @Override
  public Account account(dev.fanfare.app.AccessKey key) {
    return account;
  }

  @Override
  public Optional<Member> member(App app, String id) {
    return node.replica().member(app, id);
  }

  @Override
  public Broadcasts broadcasts() {
    return node.replica().broadcasts();
  }

  @Override
  public long credentialsNotBefore(App app, String id, Instant now) {
    return node.replica().credentialsNotBefore(app, id, now);
  }

  @Override
  public List<Presence.Connection> connections(App app, Collection<Member> members) {
    return List.copyOf(connections);
  }

  @Override
  public void close() {
    node.close();
  }
}
