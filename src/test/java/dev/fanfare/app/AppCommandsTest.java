package dev.fanfare.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.AddKey;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.AppRecord;
import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.ChangeApp;
import dev.fanfare.schema.ChangeKey;
import dev.fanfare.schema.ChangeLimits;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.schema.DuplicateKey;
import dev.fanfare.schema.Everyone;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.LimitEdit;
import dev.fanfare.schema.Limits;
import dev.fanfare.schema.RemoveKey;
import dev.fanfare.schema.Role;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.store.Key;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Apps, keys, limits and daily budgets as the journal decides them. App 1 is `demo`, which holds
/// the access key `AK`.
final class AppCommandsTest {
  private static final Outcome DONE = new Outcome.Done();

  private final MemoryStore store = new MemoryStore();
  private final TestClock clock = new TestClock();
  private TestNode node = TestNode.start(store, clock);
  private int sent;

  @BeforeEach
  void begin_at_midnight_in_china() {
    Instant midnight = Instant.parse("2026-03-01T16:00:00Z");
    clock.advance(Duration.between(clock.instant(), midnight));
  }

  @AfterEach
  void close() {
    node.close();
    assertThat(node.broken()).isFalse();
  }

  private Tenants tenants() {
    return node.replica().tenants();
  }

  private Outcome create(CreateApp.Builder app) {
    return node.propose(Command.newBuilder().setCreateApp(app).build());
  }

  private static CreateApp.Builder shop() {
    return CreateApp.newBuilder()
        .setId("shop")
        .setVolcengineAppId(7)
        .setTencentSdkAppId(8)
        .setLimits(LimitsProfile.DOCUMENTED.limits());
  }

  private static AppKey.Builder accessKey(String name, String secret) {
    return AppKey.newBuilder()
        .setKind(AppKey.Kind.VOLCENGINE_ACCESS_KEY)
        .setName(name)
        .setSecret(secret);
  }

  private static AppKey.Builder apiKey(String name, String secret) {
    return AppKey.newBuilder()
        .setKind(AppKey.Kind.API_KEY)
        .setName(name)
        .setSecret(secret)
        .setRole(Role.SENDER);
  }

  private Outcome add(int app, AppKey.Builder key) {
    return node.propose(
        Command.newBuilder().setApp(app).setAddKey(AddKey.newBuilder().setKey(key)).build());
  }

  private Outcome change(int app, ChangeKey.Builder change) {
    return node.propose(Command.newBuilder().setApp(app).setChangeKey(change).build());
  }

  private static ChangeKey.Builder changeOf(String accessKey) {
    return ChangeKey.newBuilder().setKind(AppKey.Kind.VOLCENGINE_ACCESS_KEY).setName(accessKey);
  }

  private Outcome remove(int app, AppKey.Kind kind, String name) {
    return node.propose(
        Command.newBuilder()
            .setApp(app)
            .setRemoveKey(RemoveKey.newBuilder().setKind(kind).setName(name))
            .build());
  }

  private Outcome change(int app, ChangeApp.Builder change) {
    return node.propose(Command.newBuilder().setApp(app).setChangeApp(change).build());
  }

  /// Nothing of the state but the journal and its position differs.
  private void assertRefusedWithoutEffect(Refusal refusal, List<Outcome> outcomes, String before) {
    assertThat(outcomes).containsOnly(new Outcome.Refused(refusal));
    assertThat(state()).isEqualTo(before);
  }

  private String state() {
    List<String> state = new ArrayList<>();
    for (Table table : List.of(Table.APP, Table.COUNTERS, Table.DAILY_COUNT, Table.BROADCAST)) {
      for (Map.Entry<byte[], byte[]> entry : store.table(table).entrySet()) {
        state.add(table + " " + hex(entry.getKey()) + "=" + hex(entry.getValue()));
      }
    }
    return String.join("\n", state);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void app_is_known_by_all_its_numbers_and_keys() {
    assertThat(create(shop().addKeys(accessKey("AK2", "S2")).addKeys(apiKey("k", "secret-k"))))
        .isEqualTo(DONE);
    App shop = tenants().byId("shop").orElseThrow();
    assertThat(shop.number()).isEqualTo(2);
    assertThat(tenants().byVolcengineAppId(7)).contains(shop);
    assertThat(tenants().byTencentSdkAppId(8)).contains(shop);
    assertThat(tenants().accessKey("AK2", clock.instant()).orElseThrow().apps()).containsOnly(2);
    assertThat(tenants().caller("secret-k", clock.instant()))
        .contains(new Caller.AppKey("k", 2, Role.SENDER));
  }

  @Test
  void numbers_and_ids_are_taken_once() {
    create(shop());
    String before = state();
    CreateApp.Builder other = CreateApp.newBuilder().setId("other");
    assertRefusedWithoutEffect(
        new Refusal.AlreadyExists("id"), List.of(create(other.clone().setId("shop"))), before);
    assertRefusedWithoutEffect(
        new Refusal.AlreadyExists("volcengine.appId"),
        List.of(
            create(other.clone().setVolcengineAppId(7)),
            change(2, ChangeApp.newBuilder().setVolcengineAppId(123456).setDisabled(true))),
        before);
    assertRefusedWithoutEffect(
        new Refusal.AlreadyExists("tencent.sdkAppId"),
        List.of(
            create(other.clone().setTencentSdkAppId(8)),
            change(2, ChangeApp.newBuilder().setTencentSdkAppId(1_400_000_001L))),
        before);
  }

  @Test
  void one_access_key_owns_several_apps_and_is_the_same_in_all() {
    assertThat(create(shop().addKeys(accessKey("AK", "SK").setDailyBroadcasts(9)))).isEqualTo(DONE);
    AccessKey shared = tenants().accessKey("AK", clock.instant()).orElseThrow();
    assertThat(shared.apps()).containsOnly(1, 2);
    assertThat(shared.dailyBroadcasts()).as("the first one's").isZero();

    assertThat(change(2, changeOf("AK").setDailyBroadcasts(3).setDisabled(true))).isEqualTo(DONE);
    for (App app : tenants().all()) {
      assertThat(app.keys())
          .filteredOn(key -> key.getName().equals("AK"))
          .singleElement()
          .matches(key -> key.getDisabled() && key.getDailyBroadcasts() == 3);
    }
    assertThat(tenants().accessKey("AK", clock.instant())).isEmpty();

    assertThat(remove(1, AppKey.Kind.VOLCENGINE_ACCESS_KEY, "AK")).isEqualTo(DONE);
    assertThat(tenants().accessKeyEvenUnusable("AK").orElseThrow().apps()).containsOnly(2);
  }

  @Test
  void access_key_with_another_secret_is_refused() {
    create(shop().addKeys(accessKey("AK2", "S2").setSessionToken("t")));
    String before = state();
    CreateApp.Builder third = CreateApp.newBuilder().setId("third");
    assertRefusedWithoutEffect(
        new Refusal.AlreadyExists("this access key with another secret or session token"),
        List.of(
            add(1, accessKey("AK2", "other")),
            add(1, accessKey("AK2", "S2").setSessionToken("other")),
            create(third.addKeys(apiKey("x", "secret-x")).addKeys(accessKey("AK", "other")))),
        before);
    assertThat(add(1, accessKey("AK2", "S2"))).isEqualTo(DONE);
    assertThat(tenants().accessKey("AK2", clock.instant()).orElseThrow().sessionToken())
        .isEqualTo("t");
  }

  @Test
  void key_of_the_same_kind_and_name_or_an_api_key_with_a_known_secret_is_refused() {
    String before = state();
    assertRefusedWithoutEffect(
        new Refusal.AlreadyExists("a key of this kind and name"),
        List.of(
            add(1, accessKey("AK", "SK")),
            add(1, apiKey("main", "new")),
            create(shop().addKeys(apiKey("a", "1")).addKeys(apiKey("a", "2")))),
        before);
    assertRefusedWithoutEffect(
        new Refusal.AlreadyExists("an API key with this secret"),
        List.of(
            add(1, apiKey("new", "app-key")),
            add(1, apiKey("new", "admin-key")),
            create(shop().addKeys(apiKey("a", "1")).addKeys(apiKey("b", "1"))),
            create(shop().addKeys(apiKey("a", "app-key")))),
        before);
    assertRefusedWithoutEffect(
        new Refusal.KeyNotFound(),
        List.of(
            remove(1, AppKey.Kind.API_KEY, "AK"), change(1, changeOf("main").setDisabled(true))),
        before);
  }

  @Test
  void keys_in_rotation_overlap_and_end_by_the_nodes_clock() {
    Instant end = clock.instant().plusSeconds(60);
    assertThat(add(1, apiKey("second", "second-key").setNotAfter(end.toEpochMilli())))
        .isEqualTo(DONE);
    assertThat(tenants().caller("app-key", end)).isPresent();
    assertThat(tenants().caller("second-key", end)).isPresent();
    assertThat(tenants().caller("second-key", end.plusMillis(1))).isEmpty();
    assertThat(remove(1, AppKey.Kind.API_KEY, "main")).isEqualTo(DONE);
    assertThat(tenants().caller("app-key", end)).isEmpty();
    assertThat(tenants().caller("second-key", end)).isPresent();
  }

  @Test
  void device_tokens_of_every_valid_key_are_believed() {
    long now = clock.instant().getEpochSecond();
    DeviceTokens.Claims claims = new DeviceTokens.Claims("1", now, now + 60);
    String first = DeviceTokens.mint(node.app(), claims);
    clock.advance(Duration.ofSeconds(1));
    add(
        1,
        AppKey.newBuilder().setKind(AppKey.Kind.DEVICE_KEY).setName("new").setSecret("new-secret"));
    String second = DeviceTokens.mint(node.app(), claims);
    assertThat(second).isNotEqualTo(first);
    assertThat(claims(first, now)).contains(claims);
    assertThat(claims(second, now)).contains(claims);
    remove(1, AppKey.Kind.DEVICE_KEY, "default");
    assertThat(DeviceTokens.verify(node.app(), first, now)).isEmpty();
    assertThat(claims(second, now)).contains(claims);
  }

  @Test
  void limits_change_one_by_one_and_have_one_encoding() {
    ChangeLimits.Builder change = ChangeLimits.newBuilder();
    change.addEdits(LimitEdit.newBuilder().setName("rates.UnRegisterUsers").setValue(3));
    change.addEdits(LimitEdit.newBuilder().setName("rates.BatchGetUser").setValue(2));
    change.addEdits(LimitEdit.newBuilder().setName("robots").setValue(1));
    assertThat(node.propose(Command.newBuilder().setApp(1).setChangeLimits(change).build()))
        .isEqualTo(DONE);
    Limits limits = node.app().limits();
    assertThat(limits.getRobots()).isEqualTo(1);
    assertThat(limits.getTerms()).isEqualTo(1_000_000);
    assertThat(limits.getRatesList())
        .extracting(rate -> rate.getAction() + rate.getPerSecond())
        .containsExactly("BatchGetUser2", "UnRegisterUsers3");
    change.setEdits(0, LimitEdit.newBuilder().setName("rates.UnRegisterUsers").setValue(0));
    node.propose(Command.newBuilder().setApp(1).setChangeLimits(change).build());
    assertThat(node.app().limits().getRatesCount()).isEqualTo(1);
  }

  @Test
  void stored_keys_are_sorted_however_they_came() throws InvalidProtocolBufferException {
    create(
        shop()
            .addKeys(accessKey("b", "1"))
            .addKeys(apiKey("z", "secret-z"))
            .addKeys(accessKey("a", "1"))
            .setDeviceKey("device"));
    byte[] stored = store.table(Table.APP).get(Key.bytes(2));
    assertThat(AppRecord.parseFrom(stored).getSettings().getKeysList())
        .extracting(AppKey::getName)
        .containsExactly("z", "a", "b", "default");
    assertThat(AppRecord.parseFrom(stored).getSettings().getDeviceKey()).isEmpty();
  }

  @Test
  void app_is_disabled_and_enabled_and_everything_survives_a_restart() {
    create(shop().addKeys(accessKey("AK", "SK")));
    change(2, ChangeApp.newBuilder().setDisabled(true));
    change(1, ChangeApp.newBuilder().setLimits(LimitsProfile.OPEN.limits()));
    String before = state();
    node.close();
    node = TestNode.start(store, clock);
    assertThat(state()).isEqualTo(before);
    assertThat(tenants().byId("shop").orElseThrow().disabled()).isTrue();
    assertThat(node.app().limits()).isEqualTo(LimitsProfile.OPEN.limits());
    assertThat(tenants().accessKey("AK", clock.instant()).orElseThrow().apps()).containsOnly(1, 2);
    change(2, ChangeApp.newBuilder().setDisabled(false));
    assertThat(tenants().byId("shop").orElseThrow().disabled()).isFalse();
  }

  private Outcome send(int app, String body) {
    String id = "b-" + sent++;
    return node.propose(
        Command.newBuilder()
            .setApp(app)
            .setStartBroadcast(
                StartBroadcast.newBuilder()
                    .setId(id)
                    .setFormat(Format.VOLCENGINE)
                    .setLifetimeSeconds(60)
                    .setAudience(
                        AudienceNode.newBuilder().setEveryone(Everyone.getDefaultInstance()))
                    .addDuplicateKeys(
                        DuplicateKey.newBuilder()
                            .setKind(DuplicateKey.Kind.BODY)
                            .setKey(ByteString.copyFromUtf8(body)))
                    .setAccessKey("AK"))
            .build());
  }

  @Test
  void daily_budget_counts_accepted_broadcasts_of_all_apps_of_a_key() {
    change(1, ChangeApp.newBuilder().setLimits(LimitsProfile.DOCUMENTED.limits()));
    create(shop().addKeys(accessKey("AK", "SK")));
    change(1, ChangeKey.newBuilder(changeOf("AK").setDailyBroadcasts(2).build()));
    assertThat(send(1, "a")).isInstanceOf(Outcome.Started.class);
    assertThat(send(1, "a")).isEqualTo(new Outcome.Started("b-0", true));
    assertThat(send(2, "b")).isInstanceOf(Outcome.Started.class);
    String before = state();
    assertRefusedWithoutEffect(
        new Refusal.OverDailyBudget(2), List.of(send(1, "c"), send(2, "d")), before);
    assertThat(send(1, "a")).as("a repetition").isEqualTo(new Outcome.Started("b-0", true));

    change(1, changeOf("AK").setDailyBroadcasts(3));
    assertThat(send(1, "c")).isInstanceOf(Outcome.Started.class);
    assertThat(send(1, "e")).isEqualTo(new Outcome.Refused(new Refusal.OverDailyBudget(3)));
    change(1, changeOf("AK").setDailyBroadcasts(0));
    assertThat(send(1, "e")).isInstanceOf(Outcome.Started.class);
  }

  @Test
  void day_of_a_budget_ends_at_midnight_of_its_offset() {
    ChangeLimits.Builder offset = ChangeLimits.newBuilder();
    offset.addEdits(LimitEdit.newBuilder().setName("dayOffsetSeconds").setValue(28_800));
    node.propose(Command.newBuilder().setApp(1).setChangeLimits(offset).build());
    change(1, changeOf("AK").setDailyBroadcasts(1));
    assertThat(send(1, "a")).isInstanceOf(Outcome.Started.class);
    clock.advance(Duration.ofDays(1).minusSeconds(10));
    assertThat(send(1, "b")).isEqualTo(new Outcome.Refused(new Refusal.OverDailyBudget(1)));
    node.close();
    node = TestNode.start(store, clock);
    assertThat(send(1, "b")).isEqualTo(new Outcome.Refused(new Refusal.OverDailyBudget(1)));
    clock.advance(Duration.ofSeconds(10));
    assertThat(send(1, "b")).isInstanceOf(Outcome.Started.class);
  }

  @Test
  void apps_with_other_offsets_win_no_second_day() {
    create(shop().addKeys(accessKey("AK", "SK")));
    change(1, changeOf("AK").setDailyBroadcasts(1));
    assertThat(send(2, "a")).as("already tomorrow").isInstanceOf(Outcome.Started.class);
    assertThat(send(1, "b")).isEqualTo(new Outcome.Refused(new Refusal.OverDailyBudget(1)));
    assertThat(send(2, "b")).isEqualTo(new Outcome.Refused(new Refusal.OverDailyBudget(1)));
  }

  @Test
  void a_limit_has_a_name_that_its_group_and_a_point_precede_at_most() {
    assertThat(AppLimit.ALL)
        .extracting(AppLimit::name)
        .allMatch(name -> name.matches("([a-z]+\\.)?\\w+"));
  }

  @Test
  void profiles_differ_in_rates_and_budgets_alone() {
    Limits documented = LimitsProfile.DOCUMENTED.limits();
    Limits strict = LimitsProfile.STRICT.limits();
    assertThat(documented.getAccessKeyDailyBroadcasts()).isZero();
    assertThat(strict.getAccessKeyDailyBroadcasts()).isEqualTo(20);
    assertThat(documented.getTencentDailyPushes()).isZero();
    assertThat(strict.getTencentDailyPushes()).isEqualTo(100);
    assertThat(strict.toBuilder().setAccessKeyDailyBroadcasts(0).setTencentDailyPushes(0).build())
        .isEqualTo(documented);
    assertThat(documented.getTencentPushIntervalMillis()).isEqualTo(1_000);
    assertThat(documented.getRatesCount()).isEqualTo(36);
    assertThat(LimitsProfile.OPEN.limits())
        .isEqualTo(documented.toBuilder().clearRates().clearTencentPushIntervalMillis().build());
    assertThat(documented.getDayOffsetSeconds()).isEqualTo(28_800);
  }

  private Optional<DeviceTokens.Claims> claims(String token, long now) {
    return DeviceTokens.verify(node.app(), token, now).map(DeviceTokens.Verified::claims);
  }
}
