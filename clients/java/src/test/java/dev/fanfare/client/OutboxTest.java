package dev.fanfare.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OutboxTest {
  private final Outbox outbox = new Outbox();

  @Test
  void five_messages_a_second_with_the_newest_acknowledgement_first() {
    outbox.read("b-1");
    outbox.acknowledge("1x-1");
    outbox.acknowledge("1x-2");
    assertThat(outbox.waitMillis(0)).isZero();
    assertThat(outbox.next(0)).isEqualTo("{\"type\":\"ack\",\"position\":\"1x-2\"}");
    assertThat(outbox.waitMillis(50)).isEqualTo(150);
    assertThat(outbox.next(200)).isEqualTo("{\"type\":\"read\",\"id\":\"b-1\"}");
    assertThat(outbox.next(400)).isNull();
    assertThat(outbox.waitMillis(400)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void a_read_is_repeated_on_the_next_connection_for_ninety_seconds() {
    outbox.read("old");
    outbox.next(0);
    outbox.read("new");
    outbox.next(1_000);
    outbox.acknowledge("1x-1");
    outbox.connected(90_000);
    assertThat(outbox.next(90_000)).contains("new");
    assertThat(outbox.next(90_200)).isNull();
  }

  @Test
  void reads_beyond_a_thousand_are_refused() {
    for (int n = 0; n < Outbox.MOST_READS; n++) {
      assertThat(outbox.read("b-" + n)).isTrue();
    }
    assertThat(outbox.read("one more")).isFalse();
  }
}
