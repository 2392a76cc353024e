package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.http.TrustedProxies;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Limits of an address, of whoever really asks, with and without a balancer before the gateway.
@ParameterizedClass
@EnumSource(
    value = Transport.class,
    names = {"EPOLL", "NIO"})
final class BalancerTest {
  private static final String V2 = "0d0a0d0a000d0a515549540a2111000c";
  private final Transport transport;
  private final List<AutoCloseable> open = new ArrayList<>();

  BalancerTest(Transport transport) {
    this.transport = transport;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private GatewayFixture gateway(String trusted, GatewayLimits limits) {
    GatewayFixture fixture =
        new GatewayFixture(
            new Gateway.Edge(transport, TrustedProxies.parse(trusted), limits, false));
    open.add(fixture);
    var _ = fixture.node().register("10001");
    return fixture;
  }

  /// The status of a device that says this before its request and this among its headers. It stays.
  private int connect(GatewayFixture fixture, byte[] before, String header) {
    RawClient client = fixture.raw();
    open.add(client);
    client.say(before);
    return client.ask(RawClient.handshake(fixture.target("10001", "")) + header + "\r\n").status();
  }

  private static byte[] v1(String line) {
    return ("PROXY " + line + "\r\n").getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] v2(String source) {
    return HexFormat.of().parseHex(V2 + source + "7f000001" + "04d2" + "1f91");
  }

  @Test
  void proxy_header_of_a_balancer_says_who_the_client_is() {
    GatewayFixture fixture = gateway("127.0.0.0/8", AddressesTest.limits(1, 0, 0));
    byte[] one = v1("TCP4 192.0.2.1 127.0.0.1 1234 8081");
    assertThat(connect(fixture, one, "")).isEqualTo(101);
    assertThat(connect(fixture, one, "")).isEqualTo(503);
    assertThat(connect(fixture, v2("c0000201"), "")).as("the same by version 2").isEqualTo(503);
    assertThat(connect(fixture, v2("c0000202"), "")).isEqualTo(101);
    assertThat(connect(fixture, v1("TCP6 2001:db8::1 ::1 1234 8081"), "")).isEqualTo(101);
    assertThat(connect(fixture, v1("UNKNOWN"), "")).as("the balancer itself").isEqualTo(101);
  }

  @Test
  void forwarded_header_of_a_balancer_says_who_the_client_is() {
    GatewayFixture fixture = gateway("127.0.0.0/8", AddressesTest.limits(1, 0, 0));
    String one = "X-Forwarded-For: 192.0.2.1\r\n";
    assertThat(connect(fixture, new byte[0], one)).isEqualTo(101);
    assertThat(connect(fixture, new byte[0], one)).isEqualTo(503);
    assertThat(connect(fixture, new byte[0], "X-Forwarded-For: 6.6.6.6, 192.0.2.1\r\n"))
        .as("what the client made up is not believed")
        .isEqualTo(503);
    assertThat(connect(fixture, new byte[0], "X-Forwarded-For: 192.0.2.2\r\n")).isEqualTo(101);
  }

  @Test
  void nobody_else_is_believed() {
    GatewayFixture wide = gateway("192.0.2.9", AddressesTest.limits(0, 0, 0));
    assertThat(connect(wide, v1("TCP4 192.0.2.1 127.0.0.1 1 2"), "")).isEqualTo(400);
    assertThat(connect(wide, v2("c0000201"), "")).isEqualTo(400);
    GatewayFixture full = gateway("192.0.2.9", AddressesTest.limits(1, 0, 0));
    assertThat(connect(full, new byte[0], "")).isEqualTo(101);
    assertThat(connect(full, new byte[0], "X-Forwarded-For: 192.0.2.2\r\n")).isEqualTo(503);
  }

  @Test
  void balancer_that_speaks_nonsense_is_cut_off() {
    GatewayFixture fixture = gateway("127.0.0.0/8", GatewayLimits.STANDARD);
    try (RawClient client = fixture.raw()) {
      client.say(v1("TCP4 nonsense"));
      assertThat(client.ends()).isTrue();
    }
  }

  @Test
  void too_many_connections_of_an_address_are_told_and_get_in_once_others_left() throws Exception {
    GatewayFixture fixture = gateway("none", AddressesTest.limits(2, 0, 0));
    assertThat(connect(fixture, new byte[0], "")).isEqualTo(101);
    assertThat(connect(fixture, new byte[0], "")).isEqualTo(101);
    assertThat(connect(fixture, new byte[0], "")).isEqualTo(503);
    open.removeLast().close();
    open.removeLast().close();
    GatewayFixture.await("left", () -> fixture.gateway().connections() == 1);
    assertThat(connect(fixture, new byte[0], "")).isEqualTo(101);
  }

  @Test
  void request_that_is_cut_off_behind_a_balancer_is_not_counted_for_ever() {
    GatewayFixture fixture = gateway("127.0.0.0/8", AddressesTest.limits(1, 0, 0));
    String one = "X-Forwarded-For: 192.0.2.1\r\n";
    for (int i = 0; i < 3; i++) {
      try (RawClient client = fixture.raw()) {
        client.say(
            ("GET /ws HTTP/1.1\r\n" + one + "Host: h\r\n").getBytes(StandardCharsets.US_ASCII));
      }
      GatewayFixture.await("left", () -> fixture.gateway().connections() == 0);
    }
    assertThat(connect(fixture, new byte[0], one)).isEqualTo(101);
  }

  @Test
  void who_is_connected_is_served_while_others_storm_the_gateway() {
    GatewayFixture fixture = gateway("none", AddressesTest.limits(0, 0, 1));
    try (DeviceClient device = fixture.connected("10001")) {
      int refused = 0;
      for (int i = 0; i < 50; i++) {
        try (RawClient client = fixture.raw()) {
          RawClient.Answer answer =
              client.ask(RawClient.handshake(fixture.target("10001", "")) + "\r\n");
          refused += answer.status() == 503 ? 1 : 0;
        }
        if (i % 10 == 0) {
          fixture.send("b" + i);
          device.nextBroadcast("b" + i);
        }
      }
      assertThat(refused).isGreaterThan(10);
    }
  }
}
