package dev.fanfare.volcengine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fanfare.app.App;
import dev.fanfare.app.Tenants;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.member.Member;
import dev.fanfare.member.Presence;
import dev.fanfare.schema.AccessKey;
import dev.fanfare.schema.AppRecord;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.store.Batch;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.Snapshot;
import dev.fanfare.store.Store;
import dev.fanfare.store.Table;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The face over three apps in memory and a journal that only keeps what it is given: `123456` and
/// the disabled `333` belong to the key `AK`, `222` to `AK2`.
final class FakeServer implements State, Journal {
  static final Instant NOW = Instant.parse("2026-11-21T07:52:44Z");
  static final TestSigner SIGNER = new TestSigner("AK", "SK");
  static final Settings DEFAULTS = settings(false, Settings.FailedUserId.AUTO);
  static final VolcengineFace.Rules RULES =
      new VolcengineFace.Rules(1 << 20, Duration.ofMinutes(15), Duration.ofHours(1));
  private static final JsonMapper JSON = new JsonMapper();

  final List<Command> proposed = new ArrayList<>();
  final Map<String, Member> members = new HashMap<>();
  Function<Command, Outcome> outcomes = FakeServer::accept;
  final List<Presence.Connection> connections = new ArrayList<>();
  final AtomicLong nanos = new AtomicLong();
  Settings settings = DEFAULTS;
  Account account = Account.UNLIMITED;
  Instant now = NOW;
  long credentialsNotBefore;

  private final Tenants tenants = Tenants.load(new Apps());

  VolcengineFace face() {
    return face(RULES);
  }

  VolcengineFace face(VolcengineFace.Rules rules) {
    VolcengineFace.Clocks clocks =
        new VolcengineFace.Clocks(Clock.fixed(now, ZoneOffset.UTC), nanos::get);
    return new VolcengineFace(rules, this, this, clocks, new Random(1));
  }

  static Settings settings(boolean emptyTagsRefused, Settings.FailedUserId failedUserId) {
    return new Settings(
        emptyTagsRefused, failedUserId, dev.fanfare.schema.Limits.getDefaultInstance());
  }

  static Request signed(String action, String body) {
    return SIGNER.request(query(action), body, NOW);
  }

  static Map<String, String> query(String action) {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("Action", action);
    query.put("Version", "2020-12-01");
    return query;
  }

  /// The same request with one header changed; a null value takes it away.
  static Request with(Request request, String name, @Nullable String value) {
    Map<String, List<String>> headers = new LinkedHashMap<>(request.headers());
    headers.remove(name);
    if (value != null) {
      headers.put(name, List.of(value));
    }
    return new Request(
        request.method(),
        request.path(),
        request.query(),
        headers,
        request.body(),
        request.remoteAddress());
  }

  Response answer(String action, String body) {
    return face().answer(signed(action, body));
  }

  /// The Result of a request that succeeds, as text.
  String result(String action, String body) {
    return String.valueOf(json(answer(action, body)).get("Result"));
  }

  /// Status, code and message of a request that fails.
  String error(String action, String body) {
    return error(answer(action, body));
  }

  String error(Request request) {
    return error(face().answer(request));
  }

  static String error(Response response) {
    JsonNode error = json(response).path("ResponseMetadata").path("Error");
    return response.status()
        + " "
        + error.path("CodeN").asText()
        + " "
        + error.path("Code").asText()
        + ": "
        + error.path("Message").asText();
  }

  static String text(Response response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  static JsonNode json(Response response) {
    try {
      return JSON.readTree(text(response));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The changes of the only command.
  List<MemberChange> changes() {
    return Collections.unmodifiableList(only().getChangeMembers().getChangesList());
  }

  /// The start of the only command.
  StartBroadcast start() {
    return only().getStartBroadcast();
  }

  Command only() {
    if (proposed.size() != 1) {
      throw new AssertionError("commands: " + proposed);
    }
    return proposed.getFirst();
  }

  @Override
  public Tenants tenants() {
    return tenants;
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
  public List<Presence.Connection> connections(App app, Collection<Member> online) {
    return connections.stream()
        .filter(c -> online.stream().anyMatch(member -> member.id().equals(c.member())))
        .toList();
  }

  @Override
  public Optional<Member> member(App app, String id) {
    return app.volcengineAppId() == 123456
        ? Optional.ofNullable(members.get(id))
        : Optional.empty();
  }

  @Override
  public Broadcasts broadcasts() {
    return new Broadcasts(new MemoryStore());
  }

  @Override
  public long credentialsNotBefore(App app, String id, Instant now) {
    return credentialsNotBefore;
  }

  @Override
  public Outcome propose(Command command) {
    proposed.add(command);
    return outcomes.apply(command);
  }

  private static Outcome accept(Command command) {
    return command.hasStartBroadcast()
        ? new Outcome.Started(command.getStartBroadcast().getId(), false)
        : new Outcome.Members(
            Collections.nCopies(command.getChangeMembers().getChangesCount(), Optional.empty()));
  }

  @Override
  public boolean barrier() {
    return true;
  }

  @Override
  public boolean onDuty() {
    return true;
  }

  @Override
  public long time() {
    return now.toEpochMilli();
  }

  @Override
  public List<String> troubles() {
    return List.of();
  }

  @Override
  public void close() {}

  /// A store that holds the three apps and nothing else.
  private static final class Apps implements Store {
    private static final List<AppRecord> RECORDS =
        List.of(
            app(1, "demo", 123456, "AK").build(),
            app(2, "other", 222, "AK2").build(),
            app(3, "off", 333, "AK").setDisabled(true).build());

    private static AppRecord.Builder app(int number, String id, long appId, String accessKey) {
      return AppRecord.newBuilder()
          .setNumber(number)
          .setSettings(
              CreateApp.newBuilder()
                  .setId(id)
                  .setVolcengineAppId(appId)
                  .setDeviceKey("device key of " + id)
                  .addAccessKeys(
                      AccessKey.newBuilder()
                          .setAccessKey(accessKey)
                          .setSecretKey(accessKey.replace("AK", "SK"))));
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      return null;
    }

    @Override
    public void scan(Table table, byte[] from, byte @Nullable [] to, Visitor visitor) {
      if (table == Table.APP) {
        RECORDS.forEach(
            app -> visitor.visit(new byte[] {(byte) app.getNumber()}, app.toByteArray()));
      }
    }

    @Override
    public Snapshot snapshot() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(Batch batch) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void reopen() {}

    @Override
    public long freeBytes() {
      return 0;
    }

    @Override
    public void close() {}
  }
}
