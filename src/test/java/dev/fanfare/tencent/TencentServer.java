package dev.fanfare.tencent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.app.App;
import dev.fanfare.app.AppLimit;
import dev.fanfare.app.LimitsProfile;
import dev.fanfare.app.Tenants;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.member.Member;
import dev.fanfare.member.Presence;
import dev.fanfare.schema.AddKey;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.Bootstrap;
import dev.fanfare.schema.ChangeApp;
import dev.fanfare.schema.ChangeLimits;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.schema.LimitEdit;
import dev.fanfare.schema.RemoveKey;
import dev.fanfare.store.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/// The face over a real journal and a real replica in memory, at the time of the vendor's test
/// vectors. The app 1400000000 has the vectors' secret and the administrators `administrator` and
/// `root`; 1400000001 has another secret.
///
/// What is in memory outlives a restart.
final class TencentServer implements State, AutoCloseable {
  static final Instant NOW = Instant.ofEpochSecond(1_704_067_200);
  static final long SDK_APP_ID = 1_400_000_000;
  static final String SECRET = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e";

  /// Of `administrator`, for a day.
  static final String USER_SIG =
      "eJw1jksLgkAUhf-LbAu7io4htBbLHlDU2ppRbsOozNxSi-57g9bZnccH581O*dGTfYtGsmTJQ4D5GD2lYQkLPGCTt0IVbYuCJb7bTJoaFLImLHEECqGxRkumoMb8Uaxckx-8Mwwp7NLrYKOuvK*5fM36THeUbbqbUrR-ZItLQ9F29QMJtTvlxxACjwOAzxfHuzS-";

  static final TencentFace.Settings SETTINGS = new TencentFace.Settings(1 << 20, 0);
  private static final JsonMapper JSON = new JsonMapper();

  final MemoryStore memory = new MemoryStore();
  final TestClock clock = new TestClock();
  final AtomicLong nanos = new AtomicLong();
  final List<Presence.Connection> connections = new ArrayList<>();
  private TestNode node;
  private TencentFace face;

  TencentServer() {
    this(LimitsProfile.OPEN);
  }

  TencentServer(LimitsProfile profile) {
    clock.advance(Duration.between(clock.instant(), NOW));
    Bootstrap.Builder first = Bootstrap.newBuilder().setAdminKey("admin").setLevel(1);
    first.setEpoch("1abcdef").setApp(app("demo", SDK_APP_ID, SECRET, profile));
    this.node = TestNode.start(memory, clock, Command.newBuilder().setBootstrap(first).build());
    CreateApp.Builder other = app("other", SDK_APP_ID + 1, "another secret", profile);
    node.propose(Command.newBuilder().setCreateApp(other).build());
    this.face = face(node.journal(), SETTINGS);
  }

  private static CreateApp.Builder app(
      String id, long sdkAppId, String secret, LimitsProfile profile) {
    return CreateApp.newBuilder()
        .setId(id)
        .setTencentSdkAppId(sdkAppId)
        .setTencentSecretKey(secret)
        .addTencentAdministrators("administrator")
        .addTencentAdministrators("root")
        .setLimits(profile.limits());
  }

  TencentFace face(Journal journal, TencentFace.Settings settings) {
    TencentFace.Clocks clocks = new TencentFace.Clocks(clock, nanos::get);
    return new TencentFace(
        this, journal, new TencentFace.Surroundings(settings, clocks, new Random(1)));
  }

  TencentFace face() {
    return face;
  }

  Journal journal() {
    return node.journal();
  }

  /// Starts a new node on what the old one stored.
  void restart() {
    node.close();
    node = TestNode.start(memory, clock);
    face = face(node.journal(), SETTINGS);
  }

  App app() {
    return node.app();
  }

  void change(ChangeApp.Builder change) {
    node.propose(Command.newBuilder().setApp(1).setChangeApp(change).build());
  }

  /// Sets a limit, as its name and its number or word are known to operators.
  void limit(String name, String value) {
    AppLimit limit = AppLimit.named(name).orElseThrow();
    int word = limit.value().words().indexOf(value);
    LimitEdit edit =
        LimitEdit.newBuilder()
            .setName(name)
            .setValue(word >= 0 ? word : Long.parseLong(value))
            .build();
    node.propose(
        Command.newBuilder()
            .setApp(1)
            .setChangeLimits(ChangeLimits.newBuilder().addEdits(edit))
            .build());
  }

  /// Takes the app's secret away and gives it another one.
  void useAnotherSecret() {
    AppKey.Builder key =
        AppKey.newBuilder().setKind(AppKey.Kind.TENCENT_SECRET).setSecret("another");
    RemoveKey old =
        RemoveKey.newBuilder().setKind(AppKey.Kind.TENCENT_SECRET).setName("default").build();
    node.propose(Command.newBuilder().setApp(1).setRemoveKey(old).build());
    node.propose(
        Command.newBuilder()
            .setApp(1)
            .setAddKey(AddKey.newBuilder().setKey(key.setName("second")))
            .build());
  }

  TestNode node() {
    return node;
  }

  static String query() {
    return "sdkappid=1400000000&identifier=administrator&usersig="
        + USER_SIG
        + "&random=99999999&contenttype=json";
  }

  static Request request(String path, String query, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return new Request("POST", path, query, Map.of(), bytes, "127.0.0.1");
  }

  /// A good call of a command, such as `all_member_push/im_push`.
  static Request call(String command, String body) {
    return request("/v4/" + command, query(), body);
  }

  /// The answer to a good call.
  String answer(String command, String body) {
    return text(face.answer(call(command, body)));
  }

  /// The answer to a call of `all_member_push`.
  String push(String command, String body) {
    return answer("all_member_push/" + command, body);
  }

  int code(String command, String body) {
    return json(answer(command, body)).path("ErrorCode").asInt(-1);
  }

  int code(Request request) {
    return json(text(face.answer(request))).path("ErrorCode").asInt(-1);
  }

  void accounts(String... ids) {
    for (String id : ids) {
      answer("im_open_login_svc/account_import", "{\"UserID\":\"" + id + "\"}");
    }
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static String text(Response response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  @Override
  public Tenants tenants() {
    return node.replica().tenants();
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
  public List<Presence.Connection> connections(App app, Collection<Member> members) {
    return connections.stream()
        .filter(c -> members.stream().anyMatch(member -> member.id().equals(c.member())))
        .toList();
  }

  @Override
  public void close() {
    node.close();
  }
}
