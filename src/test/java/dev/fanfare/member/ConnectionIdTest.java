package dev.fanfare.member;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The names of connections.
final class ConnectionIdTest {

  @ParameterizedTest
  @ValueSource(strings = {"k3Tq9ab2Xw4c.0.1", "a.4294967295.9223372036854775807", "a.7.other"})
  void what_is_printed_is_read(String text) {
    assertThat(ConnectionId.parse(text)).map(ConnectionId::toString).contains(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "a.1",
        "a.4294967296.1",
        "a.99999999999.1",
        "a.-1.1",
        "a.1.b c",
        "a.1.",
        ".1.1"
      })
  void what_names_no_connection_is_not_read(String text) {
    assertThat(ConnectionId.parse(text)).isEmpty();
  }

  @Test
  void a_connection_and_all_of_a_platform_have_names_of_their_own() {
    assertThat(ConnectionId.one("a", -1, 3)).hasToString("a.4294967295.3");
    assertThat(ConnectionId.all("a", 7, "iOS")).hasToString("a.7.iOS");
    assertThat(ConnectionId.all("a", 7, "")).hasToString("a.7.other");
  }
}
