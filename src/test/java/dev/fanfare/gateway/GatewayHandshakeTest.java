package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.TestNode;
import dev.fanfare.app.App;
import dev.fanfare.http.TrustedProxies;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.schema.Limits;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// What the gateway says to those who want to connect.
@ParameterizedClass
@EnumSource(
    value = Transport.class,
    names = {"EPOLL", "NIO"})
final class GatewayHandshakeTest {
  private final GatewayFixture fixture;

  GatewayHandshakeTest(Transport transport) {
    fixture = new GatewayFixture(GatewayFixture.edge(transport));
    var _ = fixture.node().register("10001");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private RawClient.Answer ask(String head) {
    try (RawClient client = fixture.raw()) {
      return client.ask(head + "\r\n");
    }
  }

  private RawClient.Answer handshake(String target) {
    return ask(RawClient.handshake(target));
  }

  private static void refused(RawClient.Answer answer, int status, String code) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.head())
        .contains("content-type: application/problem+json", "connection: close");
    assertThat(answer.body()).contains("\"status\":" + status, "\"code\":\"" + code + "\"");
  }

  @Test
  void upgrade_is_answered_as_the_rfc_says() {
    RawClient.Answer answer = handshake(fixture.target("10001", ""));
    assertThat(answer.status()).isEqualTo(101);
    assertThat(answer.head())
        .contains(
            "upgrade: websocket",
            "connection: upgrade",
            "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=")
        .doesNotContain("sec-websocket-protocol");
  }

  @Test
  void app_has_to_be_named() {
    refused(handshake("/ws?token=" + fixture.token("10001")), 400, "missing_app");
  }

  @ParameterizedTest
  @CsvSource({"demo", "123456", "1400000001"})
  void app_is_known_by_id_and_by_either_vendors_number(String app) {
    assertThat(handshake("/ws?app=" + app + "&token=" + fixture.token("10001")).status())
        .isEqualTo(101);
  }

  @Test
  void token_has_to_be_there_and_right() {
    App app = fixture.node().app();
    String right = fixture.token("10001");
    String wrongSignature = right.substring(0, right.length() - 4) + "AAAA";
    refused(handshake("/ws?app=demo"), 401, "bad_token");
    refused(handshake("/ws?app=demo&token="), 401, "bad_token");
    refused(handshake("/ws?app=demo&token=" + wrongSignature), 401, "bad_token");
    refused(handshake("/ws?app=demo&token=" + fixture.token(app, "10001", -1)), 401, "bad_token");
    refused(handshake("/ws?app=unknown&token=" + right), 401, "bad_token");
  }

  @Test
  void token_of_another_app_is_refused() {
    CreateApp.Builder other =
        CreateApp.newBuilder()
            .setId("other")
            .setDeviceKey("another-key")
            .setLimits(Limits.newBuilder().setTagsPerMember(1));
    var _ = fixture.node().propose(Command.newBuilder().setCreateApp(other).build());
    App app = fixture.node().replica().tenants().named("other").orElseThrow();
    refused(handshake("/ws?app=demo&token=" + fixture.token(app, "10001", 60)), 401, "bad_token");
    refused(
        handshake("/ws?app=other&token=" + fixture.token(app, "10001", 60)), 403, "not_registered");
  }

  @Test
  void unregistered_member_is_refused() {
    refused(handshake(fixture.target("stranger", "")), 403, "not_registered");
  }

  @Test
  void device_has_a_form() {
    refused(handshake(fixture.target("10001", "&device=a%20b")), 400, "bad_device");
    refused(handshake(fixture.target("10001", "&device=" + "a".repeat(65))), 400, "bad_device");
    assertThat(handshake(fixture.target("10001", "&device=Az0._:-")).status()).isEqualTo(101);
  }

  @Test
  void other_paths_are_not_found() {
    refused(handshake("/"), 404, "not_found");
    refused(handshake("/wss?app=demo"), 404, "not_found");
  }

  @Test
  void only_a_websocket_of_version_13_is_served() {
    String head = RawClient.handshake(fixture.target("10001", ""));
    for (String other :
        new String[] {
          head.replace("GET", "POST"),
          head.replace("Upgrade: websocket\r\n", ""),
          head.replace("Version: 13", "Version: 8"),
          head.replaceFirst("Sec-WebSocket-Key: .*\r\n", "")
        }) {
      RawClient.Answer answer = ask(other);
      refused(answer, 426, "not_a_websocket");
      assertThat(answer.head()).contains("upgrade: websocket", "sec-websocket-version: 13");
    }
  }

  @Test
  void malformed_requests_are_refused() {
    refused(ask("nonsense\r\n"), 400, "bad_request");
    refused(handshake("/ws?app=%zz"), 400, "bad_request");
    refused(handshake("/%zz"), 400, "bad_request");
    refused(handshake("/ws?app=" + "a".repeat(4_100)), 400, "bad_request");
    refused(
        ask(RawClient.handshake("/ws") + "X-Long: " + "a".repeat(8_200) + "\r\n"),
        400,
        "bad_request");
  }

  @Test
  void request_with_a_body_is_refused() {
    String head = RawClient.handshake(fixture.target("10001", ""));
    refused(ask(head + "Content-Length: 5\r\n"), 400, "bad_request");
    refused(ask(head + "Transfer-Encoding: chunked\r\n"), 400, "bad_request");
    assertThat(ask(head + "Content-Length: 0\r\n").status()).isEqualTo(101);
  }

  @Test
  void token_may_come_in_three_places() {
    int port = fixture.gateway().port();
    String token = fixture.token("10001");
    try (DeviceClient query = fixture.connected("10001");
        DeviceClient header =
            DeviceClient.withHeader(port, "/ws?app=demo", "Authorization", "Bearer " + token);
        DeviceClient protocol =
            DeviceClient.withSubprotocols(port, "/ws?app=demo", "fanfare", token)) {
      assertThat(query.subprotocol()).isEmpty();
      assertThat(header.next().path("member").asText()).isEqualTo("10001");
      assertThat(protocol.next().path("member").asText()).isEqualTo("10001");
      assertThat(protocol.subprotocol()).isEqualTo("fanfare");
    }
  }

  @Test
  void subprotocol_is_echoed_only_when_it_is_ours() {
    String head = RawClient.handshake(fixture.target("10001", ""));
    assertThat(ask(head + "Sec-WebSocket-Protocol: chat, fanfare\r\n").head())
        .contains("sec-websocket-protocol: fanfare\r\n");
    assertThat(ask(head + "Sec-WebSocket-Protocol: chat\r\n").head())
        .doesNotContain("sec-websocket-protocol");
    String other = RawClient.handshake("/ws?app=demo");
    refused(
        ask(other + "Sec-WebSocket-Protocol: chat, " + fixture.token("10001") + "\r\n"),
        401,
        "bad_token");
  }

  private RawClient.Answer from(String origin) {
    String head = RawClient.handshake(fixture.target("10001", ""));
    return ask(head + "Origin: " + origin + "\r\n");
  }

  @Test
  void pages_connect_from_allowed_origins_only() {
    refused(from("https://app.example.com"), 403, "origin_not_allowed");
    refused(from("http://localhost:3000"), 403, "origin_not_allowed");
    fixture.allow("https://app.example.com");
    assertThat(from("https://app.example.com").status()).isEqualTo(101);
    refused(from("http://app.example.com"), 403, "origin_not_allowed");
    refused(from("https://app.example.com.evil.com"), 403, "origin_not_allowed");
    refused(from("null"), 403, "origin_not_allowed");
    fixture.allow("*");
    assertThat(from("https://other.example.com").status()).isEqualTo(101);
  }

  @Test
  void with_dev_pages_of_this_machine_connect() {
    Gateway.Edge dev =
        new Gateway.Edge(Transport.AUTO, TrustedProxies.NONE, GatewayLimits.STANDARD, true);
    try (GatewayFixture local = new GatewayFixture(dev)) {
      var _ = local.node().register("10001");
      for (String origin :
          new String[] {"http://localhost:3000", "https://127.0.0.1", "http://[::1]:80"}) {
        assertThat(from(local, origin).status()).as(origin).isEqualTo(101);
      }
      for (String origin :
          new String[] {"http://localhost.evil.com", "http://evil.com", "http://127.0.0.2"}) {
        refused(from(local, origin), 403, "origin_not_allowed");
      }
    }
  }

  private static RawClient.Answer from(GatewayFixture asked, String origin) {
    try (RawClient client = asked.raw()) {
      String head = RawClient.handshake(asked.target("10001", ""));
      return client.ask(head + "Origin: " + origin + "\r\n\r\n");
    }
  }

  @Test
  void member_that_cannot_be_read_is_asked_to_come_again() {
    fixture.store().failReads(true);
    RawClient.Answer answer = handshake(fixture.target("10001", ""));
    fixture.store().failReads(false);
    refused(answer, 503, "over_capacity");
    assertThat(answer.head()).contains("retry-after: 1");
    assertThat(handshake(fixture.target("10001", "")).status()).isEqualTo(101);
  }

  @Test
  void more_connections_than_allowed_are_refused_until_some_leave() {
    try (GatewayFixture small = new GatewayFixture(2, 1)) {
      var _ = small.node().register("10001");
      try (DeviceClient _ = small.connected("10001");
          DeviceClient _ = small.connected("10001");
          RawClient third = small.raw()) {
        RawClient.Answer answer =
            third.ask(RawClient.handshake(small.target("10001", "")) + "\r\n");
        refused(answer, 503, "over_capacity");
        assertThat(answer.head()).contains("retry-after: 1");
      }
      GatewayFixture.await("all left", () -> small.gateway().connections() == 0);
      small.connected("10001").close();
    }
  }

  @Test
  void refused_handshakes_leave_nothing_behind() {
    for (int i = 0; i < 600; i++) {
      refused(handshake("/ws?app=demo&token=x"), 401, "bad_token");
    }
    GatewayFixture.await("all left", () -> fixture.gateway().connections() == 0);
    fixture.connected("10001").close();
  }

  @Test
  void address_in_use_is_said() {
    int port = fixture.gateway().port();
    TestNode node = fixture.node();
    assertThatThrownBy(() ->
            new Gateway(
                new Gateway.Settings(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                    10,
                    1,
                    Gateway.Edge.STANDARD),
                node.replica(),
                node.journal(),
                Map.of()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot listen on");
  }
}
