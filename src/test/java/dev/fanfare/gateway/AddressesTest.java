package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.http.TrustedProxies;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Where clients come from, and how much each address gets.
final class AddressesTest {
  private static final InetAddress ONE = address("192.0.2.1");
  private static final InetAddress OTHER = address("192.0.2.2");
  private long nanos = -5;

  private static InetAddress address(String text) {
    return InetAddress.ofLiteral(text);
  }

  static GatewayLimits limits(int connections, int perSecond, int perSecondInTotal) {
    return new GatewayLimits(
        new GatewayLimits.PerAddress(connections, perSecond),
        perSecondInTotal,
        GatewayLimits.STANDARD.devicesPerMember(),
        GatewayLimits.STANDARD.fromDevice(),
        GatewayLimits.STANDARD.times());
  }

  private Addresses addresses(GatewayLimits limits, boolean dev) {
    return new Addresses(limits, dev, () -> nanos);
  }

  @Test
  void connections_of_an_address_are_counted_until_they_leave() {
    Addresses addresses = addresses(limits(2, 0, 0), false);
    assertThat(addresses.enter(ONE)).isZero();
    assertThat(addresses.enter(ONE)).isZero();
    assertThat(addresses.enter(ONE)).isEqualTo(1);
    assertThat(addresses.enter(OTHER)).isZero();
    addresses.leave(ONE);
    assertThat(addresses.enter(ONE)).isEqualTo(1);
    addresses.leave(ONE);
    addresses.leave(ONE);
    assertThat(addresses.enter(ONE)).isZero();
    addresses.leave(ONE);
    addresses.leave(ONE);
    addresses.leave(OTHER);
    assertThat(addresses.size()).as("who left is forgotten").isZero();
  }

  @Test
  void what_is_read_of_a_connection_that_has_ended_counts_nobody() {
    Addresses addresses = addresses(limits(2, 0, 0), false);
    TrustedProxies trusted = TrustedProxies.parse("192.0.2.1");
    ClientAddress asked = new ClientAddress(addresses, trusted, ONE);
    ClientAddress proxied = new ClientAddress(addresses, trusted, ONE);
    asked.left();
    proxied.left();
    assertThat(asked.asked("192.0.2.2")).isEqualTo(OTHER);
    proxied.proxied(OTHER);
    assertThat(addresses.size()).isZero();
  }

  @Test
  void addresses_of_one_ipv6_network_are_one() {
    Addresses addresses = addresses(limits(1, 0, 0), false);
    assertThat(addresses.enter(address("2001:db8::1"))).isZero();
    assertThat(addresses.enter(address("2001:db8:0:0:ffff::2"))).isEqualTo(1);
    assertThat(addresses.enter(address("2001:db8:0:1::1"))).isZero();
  }

  @Test
  void requests_are_counted_by_address_and_in_total() {
    Addresses addresses = addresses(limits(0, 2, 3), false);
    assertThat(addresses.mayAsk(ONE)).isTrue();
    assertThat(addresses.mayAsk(ONE)).isTrue();
    assertThat(addresses.mayAsk(ONE)).as("third of this address").isFalse();
    assertThat(addresses.mayAsk(OTHER)).isTrue();
    assertThat(addresses.mayAsk(OTHER)).as("fourth of all").isFalse();
    nanos += TimeUnit.SECONDS.toNanos(1);
    assertThat(addresses.mayAsk(ONE)).isTrue();
  }

  @Test
  void nothing_is_no_limit() {
    Addresses addresses = addresses(limits(0, 0, 0), false);
    for (int i = 0; i < 10_000; i++) {
      assertThat(addresses.enter(ONE)).isZero();
      assertThat(addresses.mayAsk(ONE)).isTrue();
    }
  }

  @Test
  void with_dev_this_machine_has_no_limits_of_its_own() {
    Addresses addresses = addresses(limits(1, 1, 0), true);
    for (int i = 0; i < 5; i++) {
      assertThat(addresses.enter(address("127.0.0.1"))).isZero();
      assertThat(addresses.mayAsk(address("::1"))).isTrue();
    }
    assertThat(addresses.enter(ONE)).isZero();
    assertThat(addresses.enter(ONE)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.1.2, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "10.1.2.0/23, 10.1.3.255, true",
    "10.1.2.0/23, 10.1.4.0, false",
    "10.1.2.3, 10.1.2.3, true",
    "10.1.2.3, 10.1.2.4, false",
    "0.0.0.0/0, 8.8.8.8, true",
    "0.0.0.0/0, ::1, false",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "none, 10.1.2.3, false",
  })
  void network_contains_what_begins_like_it(String networks, String address, boolean trusted) {
    assertThat(TrustedProxies.parse(networks).trusts(address(address))).isEqualTo(trusted);
    assertThat(TrustedProxies.parse(networks).toString())
        .as("what is printed is read")
        .isEqualTo(TrustedProxies.parse(TrustedProxies.parse(networks).toString()).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "host", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.1,", "/8"})
  void what_is_no_network_is_refused(String text) {
    assertThatThrownBy(() -> TrustedProxies.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "8.8.8.8, '1.1.1.1', 8.8.8.8",
    "10.0.0.1, '', 10.0.0.1",
    "10.0.0.1, '1.1.1.1', 1.1.1.1",
    "10.0.0.1, '6.6.6.6, 1.1.1.1', 1.1.1.1",
    "10.0.0.1, '6.6.6.6, 1.1.1.1, 10.0.0.2', 1.1.1.1",
    "10.0.0.1, 'unknown', 10.0.0.1",
    "10.0.0.1, '1.1.1.1, host.example', 10.0.0.1",
    "10.0.0.1, '2001:db8::1', 2001:db8::1",
  })
  void client_is_the_last_that_is_no_balancer(String peer, String forwarded, String client) {
    TrustedProxies ours = TrustedProxies.parse("10.0.0.0/8");
    assertThat(ours.client(address(peer), forwarded)).isEqualTo(address(client));
  }
}
