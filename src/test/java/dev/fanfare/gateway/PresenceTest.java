package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.app.DeviceTokens;
import dev.fanfare.member.ConnectionId;
import dev.fanfare.member.Member;
import dev.fanfare.member.OnlineChunk;
import dev.fanfare.member.Presence;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.EndConnection;
import dev.fanfare.store.MemoryStore;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the gateway knows about who is connected, over real connections on two shards.
@Timeout(60)
class PresenceTest {
  private final TestNode node = TestNode.start(new MemoryStore(), new TestClock());
  private final Gateway gateway =
      new Gateway(
          new Gateway.Settings(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              100,
              2,
              Gateway.Edge.STANDARD),
          node.replica(),
          node.journal(),
          Map.of());
  private final HttpClient http = HttpClient.newHttpClient();

  PresenceTest() {
    node.register("1");
    node.register("2");
  }

  @AfterEach
  void close() {
    http.shutdownNow();
    gateway.close();
    node.close();
  }

  @Test
  void each_connection_is_told_with_what_its_device_said() {
    Instant before = Instant.now().minusMillis(1);
    connect("1", "&device=d-1&platform=iOS");
    connect("1", "&device=d-2&platform=" + URLEncoder.encode("智能 TV", StandardCharsets.UTF_8));
    connect("2", "");
    List<Presence.Connection> all = await(3, "1", "2");
    assertThat(all).extracting(Presence.Connection::id).doesNotHaveDuplicates();
    assertThat(all)
        .extracting(c -> c.member() + " " + c.device() + " " + c.platform())
        .containsExactlyInAnyOrder("1 d-1 iOS", "1 d-2 智能 TV", "2  ");
    assertThat(all)
        .extracting(c -> Objects.requireNonNull(c.since()))
        .allMatch(since -> since.isAfter(before) && !since.isAfter(Instant.now()));
    assertThat(connections("2")).hasSize(1);
    assertThat(gateway.presence().connections(2, members("1"))).as("another app").isEmpty();
  }

  @Test
  void a_connection_that_ends_is_told_no_more_and_its_id_never_comes_again() {
    WebSocket first = connect("1", "&device=d");
    String id = await(1, "1").getFirst().id();
    first.sendClose(WebSocket.NORMAL_CLOSURE, "");
    await(0, "1");
    connect("1", "&device=d");
    assertThat(await(1, "1").getFirst().id()).isNotEqualTo(id);
  }

  @Test
  void members_who_are_online_are_counted_once_however_many_devices_they_have() {
    assertThat(gateway.presence().online(TestNode.APP).isEmpty()).isTrue();
    WebSocket first = connect("1", "");
    connect("1", "");
    connect("2", "");
    await(3, "1", "2");
    assertThat(gateway.presence().online(TestNode.APP).toArray()).containsExactly(0, 1);
    assertThat(gateway.presence().online(2).isEmpty()).as("another app").isTrue();
    first.abort();
    await(2, "1", "2");
    assertThat(gateway.presence().online(TestNode.APP).toArray()).containsExactly(0, 1);
  }

  @Test
  void disconnected_session_is_gone_and_others_stay() {
    connect("1", "&device=a");
    connect("1", "&device=b");
    String id =
        await(2, "1").stream()
            .filter(connection -> connection.device().equals("a"))
            .findFirst()
            .orElseThrow()
            .id();
    assertThat(mayHave(2, id)).as("another app").isFalse();
    assertThat(mayHave(TestNode.APP, id)).isTrue();
    end(2, id);
    end(TestNode.APP, id);
    assertThat(await(1, "1").getFirst().device()).isEqualTo("b");
    assertThat(mayHave(TestNode.APP, id)).isFalse();
  }

  @Test
  void known_platforms_are_told_in_their_spelling() {
    connect("1", "&platform=IPAD");
    assertThat(await(1, "1").getFirst().platform()).isEqualTo("iPad");
  }

  @ParameterizedTest
  @ValueSource(strings = {"123456789012345678901234567890123", "a\nb", "\u0000"})
  void a_platform_that_is_long_or_no_text_is_refused(String platform) {
    String query = "&platform=" + URLEncoder.encode(platform, StandardCharsets.UTF_8);
    assertThat(catchThrowableOfType(CompletionException.class, () -> connect("1", query)))
        .hasCauseInstanceOf(WebSocketHandshakeException.class);
    assertThat(connections("1")).isEmpty();
  }

  @Test
  void other_nodes_are_told_of_platforms_that_have_a_name_and_of_no_others() {
    connect("1", "&device=a&platform=IPAD");
    connect("1", "&device=b&platform=fridge");
    connect("2", "&platform=fridge");
    await(3, "1", "2");
    OnlineChunk named = new OnlineChunk(TestNode.APP, "iPad", 0);
    OnlineChunk others = new OnlineChunk(TestNode.APP, "", 0);
    assertThat(gateway.presence().takeChanged()).containsExactlyInAnyOrder(named, others);
    assertThat(gateway.presence().takeChanged()).isEmpty();
    assertThat(gateway.presence().chunks()).containsExactlyInAnyOrder(named, others);
    assertThat(gateway.presence().online(named).toArray()).containsExactly(0);
    assertThat(gateway.presence().online(others).toArray()).containsExactly(0, 1);

    String all = ConnectionId.all(gateway.presence().node(), 0, "").toString();
    end(TestNode.APP, all);
    await(2, "1", "2");
    assertThat(gateway.presence().takeChanged()).containsExactly(others);
    assertThat(gateway.presence().online(others).toArray()).containsExactly(1);
    assertThat(mayHave(TestNode.APP, all)).isFalse();
  }

  @Test
  void a_device_that_comes_back_from_another_platform_is_no_longer_on_the_first() {
    connect("1", "&device=a&platform=iOS");
    await(1, "1");
    connect("1", "&device=a&platform=Web");
    awaitPlatform("Web");
    assertThat(gateway.presence().chunks())
        .containsExactly(new OnlineChunk(TestNode.APP, "Web", 0));
  }

  private void awaitPlatform(String platform) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!await(1, "1").getFirst().platform().equals(platform)) {
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
  }

  private boolean mayHave(int app, String id) {
    return gateway.presence().mayHave(app, ConnectionId.parse(id).orElseThrow());
  }

  private void end(int app, String id) {
    var _ =
        node.propose(
            Command.newBuilder()
                .setApp(app)
                .setEndConnection(EndConnection.newBuilder().setId(id))
                .build());
  }

  private WebSocket connect(String member, String more) {
    long now = Instant.now().getEpochSecond();
    String token = DeviceTokens.mint(node.app(), new DeviceTokens.Claims(member, now, now + 60));
    URI uri = URI.create("ws://127.0.0.1:" + gateway.port() + "/ws?app=demo&token=" + token + more);
    return http.newWebSocketBuilder().buildAsync(uri, new WebSocket.Listener() {}).join();
  }

  private List<Presence.Connection> connections(String... ids) {
    return gateway.presence().connections(TestNode.APP, members(ids));
  }

  private List<Member> members(String... ids) {
    return Stream.of(ids).map(id -> node.replica().member(node.app(), id).orElseThrow()).toList();
  }

  private List<Presence.Connection> await(int count, String... ids) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    List<Presence.Connection> found = connections(ids);
    while (found.size() != count && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      found = connections(ids);
    }
    assertThat(found).hasSize(count);
    return found;
  }
}
