package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.app.App;
import dev.fanfare.app.DeviceTokens;
import dev.fanfare.app.UserSig;
import dev.fanfare.schema.AddKey;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.ChangeApp;
import dev.fanfare.schema.ChangeKey;
import dev.fanfare.schema.ChangeLimits;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.LimitEdit;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.RemoveKey;
import dev.fanfare.schema.RemoveMember;
import dev.fanfare.store.MemoryStore;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who is let in with which credential.
final class ConnectingTest {
  private static final long DAY = 86_400;

  private final TestClock clock = new TestClock();
  private final TestNode node = TestNode.start(new MemoryStore(), clock);
  private long nanos;
  private final Connecting connecting = connecting(() -> true);

  ConnectingTest() {
    addKey(AppKey.Kind.TENCENT_SECRET, "main", "tencent-secret");
  }

  @AfterEach
  void close() {
    node.close();
  }

  private void addKey(AppKey.Kind kind, String name, String secret) {
    AppKey key = AppKey.newBuilder().setKind(kind).setName(name).setSecret(secret).build();
    propose(command().setAddKey(AddKey.newBuilder().setKey(key)));
  }

  private void propose(Command.Builder command) {
    var _ = node.propose(command.build());
  }

  private static Command.Builder command() {
    return Command.newBuilder().setApp(TestNode.APP);
  }

  private void limit(String name, long value) {
    LimitEdit edit = LimitEdit.newBuilder().setName(name).setValue(value).build();
    propose(command().setChangeLimits(ChangeLimits.newBuilder().addEdits(edit)));
  }

  @Test
  void credential_holds_until_it_or_the_key_that_signed_it_ends() {
    var _ = node.register("m");
    long now = clock.millis() / 1_000;
    String token = DeviceTokens.mint(node.app(), new DeviceTokens.Claims("m", now, now + 60));
    Connecting.Claim claim = new Connecting.Claim("demo", token, null, null, null);
    Session.Login login = ((Connecting.Admitted) connecting.judge(claim)).login();
    assertThat(connecting.holds(login)).isTrue();
    AppKey key = node.app().keys(AppKey.Kind.DEVICE_KEY, clock.instant()).getFirst();
    propose(
        command()
            .setChangeKey(
                ChangeKey.newBuilder()
                    .setKind(key.getKind())
                    .setName(key.getName())
                    .setNotAfter(clock.millis() + 30_000)));
    assertThat(connecting.holds(login)).isTrue();
    clock.advance(Duration.ofSeconds(31));
    assertThat(connecting.holds(login)).as("its key has ended").isFalse();
    propose(
        command()
            .setChangeKey(
                ChangeKey.newBuilder()
                    .setKind(key.getKind())
                    .setName(key.getName())
                    .setNotAfter(0)));
    assertThat(connecting.holds(login)).isTrue();
    clock.advance(Duration.ofSeconds(29));
    assertThat(connecting.holds(login)).as("it has ended itself").isFalse();
  }

  private void remove(String member) {
    var _ =
        node.propose(
            TestNode.change(
                MemberChange.newBuilder()
                    .setId(member)
                    .setRemove(RemoveMember.getDefaultInstance())));
  }

  private long now() {
    return clock.millis() / 1_000;
  }

  private App app() {
    return node.app();
  }

  private String userSig(String member) {
    return UserSig.make(app(), member, now(), 400 * DAY).orElseThrow();
  }

  private String deviceToken(String member, long issuedAt) {
    return DeviceTokens.mint(app(), new DeviceTokens.Claims(member, issuedAt, now() + 400 * DAY));
  }

  private Connecting.Judgement judge(String token) {
    return judge("demo", token);
  }

  private Connecting.Judgement judge(String named, String token) {
    return connecting.judge(new Connecting.Claim(named, token, null, null, null));
  }

  private int status(String token) {
    return switch (judge(token)) {
      case Connecting.Admitted _ -> 101;
      case Connecting.Turned turned -> turned.status();
    };
  }

  private Session.Login login(String token) {
    return ((Connecting.Admitted) judge(token)).login();
  }

  private boolean isRegistered(String member) {
    return node.replica().member(app(), member).isPresent();
  }

  @Test
  void user_sig_registers_its_member_once() {
    long head = node.replica().timeline().head();
    assertThat(status(userSig("new"))).isEqualTo(101);
    assertThat(isRegistered("new")).isTrue();
    assertThat(status(userSig("new"))).isEqualTo(101);
    assertThat(node.replica().timeline().head()).isEqualTo(head + 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "123456", "1400000001"})
  void app_is_named_by_its_id_or_either_number(String name) {
    assertThat(judge(name, userSig("m"))).isInstanceOf(Connecting.Admitted.class);
  }

  private Connecting connecting(BooleanSupplier barrier) {
    return new Connecting(
        new Connecting.Ground("here", node.replica(), barrier, clock),
        new LogIns(node.journal(), () -> nanos));
  }

  @Test
  void device_token_registers_nobody() {
    assertThat(status(deviceToken("new", now()))).isEqualTo(403);
    assertThat(isRegistered("new")).isFalse();
  }

  @Test
  void a_member_that_another_node_registered_is_let_in_after_the_barrier() {
    String token = deviceToken("elsewhere", now());
    Connecting behind =
        connecting(() -> {
          var _ = node.register("elsewhere");
          return true;
        });
    assertThat(behind.judge(new Connecting.Claim("demo", token, null, null, null)))
        .isInstanceOf(Connecting.Admitted.class);
  }

  @Test
  void a_position_ahead_of_this_node_is_waited_for() {
    var _ = node.register("m");
    String ahead = node.replica().position(node.replica().position().offset() + 1).toString();
    Connecting behind =
        connecting(() -> {
          var _ = node.register("elsewhere");
          return true;
        });
    Connecting.Claim claim =
        new Connecting.Claim("demo", deviceToken("m", now()), null, ahead, null);
    assertThat(behind.judge(claim))
        .isInstanceOfSatisfying(
            Connecting.Admitted.class, admitted -> assertThat(admitted.start().gap()).isNull());
    assertThat(connecting.judge(forged(claim)))
        .isInstanceOfSatisfying(
            Connecting.Admitted.class, admitted -> assertThat(admitted.start().gap()).isNotNull());
  }

  @Test
  void a_position_ahead_of_a_node_that_cannot_ask_the_others_is_believed() {
    var _ = node.register("m");
    long offset = node.replica().position().offset() + 1;
    String ahead = node.replica().position(offset).toString();
    Connecting cutOff = connecting(() -> false);
    assertThat(
            cutOff.judge(new Connecting.Claim("demo", deviceToken("m", now()), null, ahead, null)))
        .isInstanceOfSatisfying(
            Connecting.Admitted.class,
            admitted -> assertThat(admitted.start()).isEqualTo(new Session.Start(offset, 0, null)));
  }

  private Connecting.Claim forged(Connecting.Claim claim) {
    String forged = node.replica().position(1_000_000).toString();
    return new Connecting.Claim(claim.app(), claim.token(), null, forged, null);
  }

  @Test
  void user_sig_that_is_not_valid_is_refused_like_any_token() {
    assertThat(status("nonsense")).isEqualTo(401);
    String expired = UserSig.make(app(), "m", now() - 61, 60).orElseThrow();
    String last = UserSig.make(app(), "m", now() - 60, 60).orElseThrow();
    assertThat(status(expired)).isEqualTo(401);
    assertThat(status(last)).isEqualTo(101);
    assertThat(login(last).expiresAt()).isEqualTo(now() + 1);
  }

  @Test
  void user_sig_of_an_id_that_no_member_may_have_registers_nobody() {
    assertThat(status(userSig("x".repeat(64)))).isEqualTo(101);
    assertThat(status(userSig("x".repeat(65)))).isEqualTo(403);
    assertThat(status(userSig("a\u0085b"))).isEqualTo(403);
  }

  @Test
  void old_user_sig_connects_a_member_but_registers_none() {
    limit("credentialAgeSeconds", 100);
    var _ = node.register("known");
    String known = userSig("known");
    String unknown = userSig("unknown");
    clock.advance(Duration.ofSeconds(100));
    assertThat(status(userSig("other"))).isEqualTo(101);
    clock.advance(Duration.ofSeconds(1));
    assertThat(status(known)).isEqualTo(101);
    assertThat(status(unknown)).isEqualTo(403);
    assertThat(isRegistered("unknown")).isFalse();
  }

  @Test
  void logins_that_register_too_many_at_once_are_told_to_come_back() {
    limit("loginRegistrationsPerSecond", 2);
    var _ = node.register("known");
    assertThat(status(userSig("a"))).isEqualTo(101);
    assertThat(status(userSig("b"))).isEqualTo(101);
    assertThat(judge(userSig("c")))
        .isEqualTo(new Connecting.Turned(503, "over_capacity", "Try again later."));
    assertThat(isRegistered("c")).isFalse();
    assertThat(status(userSig("a"))).isEqualTo(101);
    assertThat(status(userSig("known"))).isEqualTo(101);
    nanos += 1_000_000_000;
    assertThat(status(userSig("c"))).isEqualTo(101);
  }

  @Test
  void kick_refuses_what_was_issued_in_its_second_or_before() {
    var _ = node.register("m");
    String device = deviceToken("m", now());
    String sig = userSig("m");
    String undated = deviceToken("m", 0);
    assertThat(status(undated)).isEqualTo(101);
    var _ = node.revokeCredentials("m");
    assertThat(status(device)).isEqualTo(401);
    assertThat(status(sig)).isEqualTo(401);
    assertThat(status(undated)).isEqualTo(401);
    assertThat(status(deviceToken("m", now() + 1))).isEqualTo(101);
    clock.advance(Duration.ofSeconds(1));
    assertThat(status(userSig("m"))).isEqualTo(101);
  }

  @Test
  void minted_claims_are_from_after_the_kick() {
    var _ = node.register("m");
    DeviceTokens.Lifetime lifetime = new DeviceTokens.Lifetime(now(), now() + 60);
    assertThat(DeviceTokens.Claims.of("m", lifetime, 0).issuedAt()).isEqualTo(now());
    var _ = node.revokeCredentials("m");
    long notBefore = node.replica().credentialsNotBefore(app(), "m", clock.instant());
    DeviceTokens.Claims claims = DeviceTokens.Claims.of("m", lifetime, notBefore);
    assertThat(claims.issuedAt()).isEqualTo(now() + 1);
    assertThat(status(DeviceTokens.mint(app(), claims))).isEqualTo(101);
  }

  @Test
  void removed_member_stays_away_with_older_credentials() {
    var _ = node.register("m");
    String sig = userSig("m");
    String device = deviceToken("m", now());
    remove("m");
    assertThat(status(sig)).isEqualTo(401);
    assertThat(status(device)).isEqualTo(401);
    assertThat(isRegistered("m")).isFalse();
    clock.advance(Duration.ofSeconds(1));
    assertThat(status(userSig("m"))).isEqualTo(101);
    assertThat(status(sig)).as("a login lifts no tombstone").isEqualTo(401);
    var _ = node.register("m");
    assertThat(status(sig)).as("a registration does").isEqualTo(101);
  }

  @Test
  void kick_outlives_removal_and_registration() {
    var _ = node.register("m");
    String before = userSig("m");
    var _ = node.revokeCredentials("m");
    clock.advance(Duration.ofSeconds(1));
    String between = userSig("m");
    remove("m");
    var _ = node.register("m");
    assertThat(status(before)).isEqualTo(401);
    assertThat(status(between)).isEqualTo(101);
  }

  @Test
  void login_is_judged_anew_by_what_happened_since() {
    var _ = node.register("m");
    Session.Login login = login(userSig("m"));
    assertThat(connecting.isRegistered(login)).isTrue();
    var _ = node.revokeCredentials("m");
    assertThat(connecting.isRegistered(login)).isFalse();
  }

  @Test
  void keys_and_apps_that_are_gone_end_logins_too() {
    var _ = node.register("m");
    Session.Login sig = login(userSig("m"));
    Session.Login device = login(deviceToken("m", now()));
    changeKey(true);
    assertThat(connecting.isRegistered(sig)).isFalse();
    assertThat(connecting.isRegistered(device)).isTrue();
    changeKey(false);
    assertThat(connecting.isRegistered(sig)).isTrue();
    clock.advance(Duration.ofSeconds(1));
    propose(
        command()
            .setRemoveKey(
                RemoveKey.newBuilder().setKind(AppKey.Kind.TENCENT_SECRET).setName("main")));
    addKey(AppKey.Kind.TENCENT_SECRET, "main", "another");
    assertThat(connecting.isRegistered(sig)).isFalse();
    propose(command().setChangeApp(ChangeApp.newBuilder().setDisabled(true)));
    assertThat(connecting.isRegistered(device)).isFalse();
    assertThat(status(deviceToken("m", now()))).isEqualTo(403);
  }

  private void changeKey(boolean disabled) {
    propose(
        command()
            .setChangeKey(
                ChangeKey.newBuilder()
                    .setKind(AppKey.Kind.TENCENT_SECRET)
                    .setName("main")
                    .setDisabled(disabled)));
  }
}
