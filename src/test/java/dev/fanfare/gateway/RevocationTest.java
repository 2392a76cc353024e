package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.TestNode;
import dev.fanfare.app.DeviceTokens;
import dev.fanfare.schema.AddKey;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.ChangeApp;
import dev.fanfare.schema.ChangeKey;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.EndConnection;
import dev.fanfare.schema.RemoveKey;
import dev.fanfare.store.MemoryStore;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Open sessions end when what let them in no longer does, and before any later release.
final class RevocationTest {
  private static final int ALL = 1_000;

  private final Random random = new Random(1);
  private final ShardFixture fixture = new ShardFixture();
  private final ManualLoop loop = new ManualLoop();
  private final Shard shard = fixture.shard(loop);

  RevocationTest() {
    var _ = fixture.node().register("m");
    var _ = fixture.node().register("other");
    loop.settle(random);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private FakeDevice open(String member) {
    return open(member, fixture.clock().millis() / 1_000);
  }

  private FakeDevice open(String member, long issuedAt) {
    FakeDevice device = new FakeDevice(ALL);
    DeviceTokens.Claims claims =
        new DeviceTokens.Claims(member, issuedAt, fixture.clock().millis() / 1_000 + 60);
    String token = DeviceTokens.mint(fixture.node().app(), claims);
    var _ = fixture.open(shard, new Connecting.Claim("demo", token, null, null, null), device);
    loop.settle(random);
    return device;
  }

  private void propose(Command.Builder command) {
    var _ = fixture.node().propose(command.setApp(TestNode.APP).build());
  }

  private void changeApp(boolean disabled) {
    propose(Command.newBuilder().setChangeApp(ChangeApp.newBuilder().setDisabled(disabled)));
  }

  private static ChangeKey.Builder deviceKey(String name) {
    return ChangeKey.newBuilder().setKind(AppKey.Kind.DEVICE_KEY).setName(name);
  }

  private void addKey(AppKey.Kind kind, String name) {
    AppKey key = AppKey.newBuilder().setKind(kind).setName(name).setSecret(name).build();
    propose(Command.newBuilder().setAddKey(AddKey.newBuilder().setKey(key)));
  }

  /// What each of these heard, once all was settled and read.
  private void settle(FakeDevice... devices) {
    loop.settle(random);
    for (FakeDevice device : devices) {
      device.read(ALL);
    }
  }

  @Test
  void a_connection_that_is_ended_hears_nothing_later_and_its_device_may_come_back() {
    FakeDevice ended = open("m");
    FakeDevice stays = open("m");
    fixture.send("before");
    propose(Command.newBuilder().setEndConnection(EndConnection.newBuilder().setId("here.0.1")));
    fixture.send("after");
    settle(ended, stays);
    assertThat(ended.closedWith()).isEqualTo(CloseCode.GOING_AWAY);
    assertThat(ended.broadcasts()).containsExactly("before");
    assertThat(stays.closedWith()).isNull();
    assertThat(stays.broadcasts()).containsExactly("before", "after");

    propose(Command.newBuilder().setEndConnection(EndConnection.newBuilder().setId("there.0.2")));
    propose(Command.newBuilder().setEndConnection(EndConnection.newBuilder().setId("nonsense")));
    settle(stays);
    assertThat(stays.closedWith()).as("another node's").isNull();
    assertThat(open("m").closedWith()).isNull();
  }

  @Test
  void kick_ends_the_member_before_any_later_release() {
    FakeDevice kicked = open("m");
    FakeDevice stays = open("other");
    fixture.send("before");
    var _ = fixture.node().revokeCredentials("m");
    fixture.send("after");
    settle(kicked, stays);
    assertThat(kicked.closedWith()).isEqualTo(CloseCode.CREDENTIALS);
    assertThat(kicked.broadcasts()).containsExactly("before");
    assertThat(stays.closedWith()).isNull();
    assertThat(stays.broadcasts()).containsExactly("before", "after");
  }

  @Test
  void kick_spares_credentials_that_are_newer() {
    long now = fixture.clock().millis() / 1_000;
    FakeDevice old = open("m", now);
    FakeDevice newer = open("m", now + 1);
    FakeDevice undated = open("m", 0);
    var _ = fixture.node().revokeCredentials("m");
    settle(old, newer, undated);
    assertThat(old.closedWith()).isEqualTo(CloseCode.CREDENTIALS);
    assertThat(undated.closedWith()).isEqualTo(CloseCode.CREDENTIALS);
    assertThat(newer.closedWith()).isNull();
  }

  @Test
  void removal_spares_nobody() {
    FakeDevice newer = open("m", fixture.clock().millis() / 1_000 + 10);
    fixture.remove("m");
    settle(newer);
    assertThat(newer.closedWith()).isEqualTo(CloseCode.CREDENTIALS);
  }

  @Test
  void kick_between_handshake_and_first_reading_is_not_missed() {
    FakeDevice device = new FakeDevice(ALL);
    var _ = fixture.open(shard, "m", device);
    var _ = fixture.node().revokeCredentials("m");
    settle(device);
    assertThat(device.closedWith()).isEqualTo(CloseCode.CREDENTIALS);
  }

  @Test
  void disabled_app_ends_all_its_sessions() {
    FakeDevice device = open("m");
    fixture.send("before");
    changeApp(true);
    settle(device);
    assertThat(device.closedWith()).isEqualTo(CloseCode.CREDENTIALS);
    assertThat(device.broadcasts()).containsExactly("before");
  }

  @Test
  void disabled_or_removed_key_ends_those_whom_it_let_in() {
    FakeDevice first = open("m");
    fixture.clock().advance(Duration.ofSeconds(1));
    addKey(AppKey.Kind.DEVICE_KEY, "second");
    FakeDevice second = open("other");
    propose(Command.newBuilder().setChangeKey(deviceKey("default").setDisabled(true)));
    settle(first, second);
    assertThat(first.closedWith()).isEqualTo(CloseCode.CREDENTIALS);
    assertThat(second.closedWith()).isNull();
    propose(
        Command.newBuilder()
            .setRemoveKey(
                RemoveKey.newBuilder().setKind(AppKey.Kind.DEVICE_KEY).setName("second")));
    settle(second);
    assertThat(second.closedWith()).isEqualTo(CloseCode.CREDENTIALS);
  }

  @Test
  void key_that_is_ended_now_ends_them_and_one_that_ends_later_does_not() {
    FakeDevice device = open("m");
    long now = fixture.clock().millis();
    propose(Command.newBuilder().setChangeKey(deviceKey("default").setNotAfter(now + 10_000)));
    settle(device);
    assertThat(device.closedWith()).isNull();
    propose(Command.newBuilder().setChangeKey(deviceKey("default").setNotAfter(now - 1)));
    settle(device);
    assertThat(device.closedWith()).isEqualTo(CloseCode.CREDENTIALS);
  }

  @Test
  void other_changes_of_the_app_end_nobody() {
    FakeDevice device = open("m");
    addKey(AppKey.Kind.TENCENT_SECRET, "tencent");
    propose(
        Command.newBuilder()
            .setRemoveKey(
                RemoveKey.newBuilder().setKind(AppKey.Kind.TENCENT_SECRET).setName("tencent")));
    propose(
        Command.newBuilder()
            .setRemoveKey(RemoveKey.newBuilder().setKind(AppKey.Kind.API_KEY).setName("main")));
    changeApp(false);
    var _ = fixture.node().propose(TestNode.attributeNames("city"));
    settle(device);
    assertThat(device.closedWith()).isNull();
  }

  @Test
  void change_of_keys_that_only_a_failed_commit_told_is_obeyed() {
    FakeDevice device = open("m");
    fixture.store().fail(MemoryStore.Fault.WRITTEN_BUT_FAILED);
    propose(Command.newBuilder().setChangeKey(deviceKey("default").setDisabled(true)));
    settle(device);
    assertThat(device.closedWith()).isEqualTo(CloseCode.CREDENTIALS);
  }
}
