package dev.fanfare.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.app.FirstApp;
import dev.fanfare.app.LimitsProfile;
import dev.fanfare.app.Mint;
import dev.fanfare.backup.Backups;
import dev.fanfare.cell.Cell;
import dev.fanfare.cell.ThisNode;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.embedded.EmbeddedJournal;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.ApiKey;
import dev.fanfare.schema.Bootstrap;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Role;
import dev.fanfare.store.Key;
import dev.fanfare.store.RocksStore;
import dev.fanfare.store.Table;
import dev.fanfare.webhook.Deliveries;
import dev.fanfare.webhook.PushTask;
import dev.fanfare.webhook.Targets;
import dev.fanfare.webhook.Webhooks;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.roaringbitmap.RoaringBitmap;

/// The native API over a fresh cell with the app `demo` and a key of every role, named like it.
final class ApiFixture implements AutoCloseable {
  static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final TestClock clock;
  private final AtomicLong nanos = new AtomicLong();
  private final RocksStore store;
  private final EmbeddedJournal journal;
  private final Replica replica;
  private final FakePresence presence = new FakePresence();
  private final NativeFace face;
  private final Deliveries deliveries;
  private final Backups backups;

  /// The other nodes.
  final List<Cell.Peer> peers = new ArrayList<>();

  /// Ordinals of the members that are connected.
  final RoaringBitmap online = presence.online;

  ApiFixture(Path directory) {
    this(directory, atNow());
  }

  private static TestClock atNow() {
    TestClock clock = new TestClock();
    clock.advance(Duration.between(clock.instant(), NOW));
    return clock;
  }

  ApiFixture(Path directory, TestClock clock) {
    this.clock = clock;
    store = RocksStore.open(directory, 8 << 20);
    replica = new Replica(store);
    journal =
        new EmbeddedJournal(
            store, replica, new EmbeddedJournal.Clocks(clock, System::nanoTime), () -> {});
    Bootstrap.Builder first = FirstApp.fixed(new Random(1), LimitsProfile.DOCUMENTED).toBuilder();
    for (Role role : List.of(Role.SENDER, Role.REGISTRAR, Role.READER)) {
      first
          .getAppBuilder()
          .addApiKeys(
              ApiKey.newBuilder()
                  .setName(role.name())
                  .setRole(role)
                  .setSecret(role.name().toLowerCase(Locale.ROOT)));
    }
    var _ = journal.propose(Command.newBuilder().setBootstrap(first).build());
    Targets targets = new Targets(true);
    deliveries =
        new Deliveries(
            new Deliveries.Node(
                store,
                replica::tenants,
                replica.timeline(),
                journal,
                clock,
                sent -> new PushTask(sent.id(), Optional.empty())),
            targets);
    var hooks = new NativeFace.Hooks(new Webhooks(store), deliveries, targets);
    backups =
        new Backups(
            new Backups.Node(store, journal),
            new Backups.Settings(directory, clock, new Mint(new Random(3)), "test"));
    ThisNode self =
        new ThisNode(replica, journal, clock, new ThisNode.Run("here", "1.2.3", clock.instant()));
    face =
        new NativeFace(
            new NativeFace.Node(
                replica, journal, new Cell(self, () -> peers), presence, hooks, backups),
            new NativeFace.Settings(LimitsProfile.DOCUMENTED, clock, new Random(2)),
            nanos::get);
  }

  /// Moves both clocks.
  void advance(Duration by) {
    clock.advance(by);
    nanos.addAndGet(by.toNanos());
  }

  Replica replica() {
    return replica;
  }

  /// A broadcast as it is stored.
  BroadcastRecord stored(String id) {
    long number = replica.broadcasts().find(TestNode.APP, id).orElseThrow().number();
    try {
      return BroadcastRecord.parseFrom(store.get(Table.BROADCAST, Key.bytes(number)));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  Outcome propose(Command command) {
    return journal.propose(command);
  }

  Request request(String method, String path, String body, String... headers) {
    Map<String, List<String>> values = new HashMap<>();
    values.put("authorization", List.of("Bearer dev-api-key"));
    for (int i = 0; i < headers.length; i += 2) {
      values.put(headers[i], List.of(headers[i + 1]));
    }
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    int query = path.indexOf('?');
    return new Request(
        method,
        query < 0 ? path : path.substring(0, query),
        query < 0 ? "" : path.substring(query + 1),
        values,
        bytes,
        "127.0.0.1");
  }

  /// Calls as the app's owner, unless the headers (names and values in turn) say otherwise. Single
  /// quotes in the body stand for double quotes.
  Response call(String method, String path, String body, String... headers) {
    return face.answer(request(method, path, body.replace('\'', '"'), headers));
  }

  Response callAs(String key, String method, String path, String body) {
    return call(method, path, body, "authorization", "Bearer " + key);
  }

  FakePresence presence() {
    return presence;
  }

  NativeFace face() {
    return face;
  }

  static JsonNode json(Response response) {
    return Json.stored(response.body());
  }

  @Override
  public void close() {
    backups.close();
    deliveries.close();
    journal.close();
    store.close();
  }
}
