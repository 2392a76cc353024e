package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Hostile and careless bytes after the handshake.
@ParameterizedClass
@EnumSource(
    value = Transport.class,
    names = {"EPOLL", "NIO"})
final class GatewayFramesTest {
  private static final String READ = "{\"type\":\"read\",\"id\":\"b\"}";

  private final GatewayFixture fixture;

  GatewayFramesTest(Transport transport) {
    fixture = new GatewayFixture(GatewayFixture.edge(transport));
    var _ = fixture.node().register("10001");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private RawClient open() {
    RawClient client = fixture.raw();
    assertThat(client.ask(RawClient.handshake(fixture.target("10001", "")) + "\r\n").status())
        .isEqualTo(101);
    return client;
  }

  private void closes(int code, byte[] bytes) {
    try (RawClient client = open()) {
      client.say(bytes);
      assertThat(client.closeCode()).isEqualTo(code);
      assertThat(client.ends()).isTrue();
    }
  }

  private void isBad(byte[] bytes) {
    closes(4000, bytes);
  }

  @Test
  void frames_of_a_bad_form_end_the_connection() {
    isBad(RawClient.unmasked(RawClient.TEXT, READ));
    isBad(RawClient.masked(0x82, READ));
    isBad(RawClient.masked(0x01, READ));
    isBad(RawClient.masked(0x80, READ));
    isBad(RawClient.masked(0xC1, READ));
    isBad(RawClient.masked(0x83, READ));
    isBad(RawClient.masked(0x89, "p".repeat(126)));
    isBad(RawClient.masked(0x09, "p"));
  }

  @Test
  void text_that_is_no_message_ends_the_connection() {
    for (String text :
        new String[] {
          "",
          "ack",
          "null",
          "[]",
          "{\"type\":\"hello\"}",
          "{\"type\":\"ack\"}",
          "{\"type\":\"ack\",\"position\":\"x\"}",
          "{\"type\":\"ack\",\"position\":5}",
          "{\"type\":\"read\"}",
          "{\"type\":\"read\",\"id\":5}",
          READ + READ,
          READ + "x",
          "[".repeat(4_000),
        }) {
      isBad(RawClient.masked(RawClient.TEXT, text));
    }
    byte[] notUtf8 = READ.replace("b\"}", "\u00ff\"}").getBytes(StandardCharsets.ISO_8859_1);
    isBad(RawClient.masked(RawClient.TEXT, notUtf8));
  }

  @Test
  void frame_may_have_4096_bytes_and_no_more() {
    String padded = READ + " ".repeat(4_096 - READ.length());
    isBad(RawClient.masked(RawClient.TEXT, padded + " "));
    try (RawClient client = open()) {
      client.say(RawClient.masked(RawClient.TEXT, padded));
      staysOpen(client);
    }
  }

  private static void staysOpen(RawClient client) {
    client.say(RawClient.masked(0x89, "still there?"));
    RawClient.ServerFrame frame = client.frame();
    while (frame.first() == RawClient.TEXT) {
      frame = client.frame();
    }
    assertThat(frame.first()).isEqualTo(0x8A);
    assertThat(frame.payload()).asString(StandardCharsets.UTF_8).isEqualTo("still there?");
  }

  @Test
  void unknown_keys_are_ignored() {
    try (RawClient client = open()) {
      client.say(RawClient.masked(RawClient.TEXT, "{\"type\":\"read\",\"id\":\"b\",\"new\":{}}"));
      staysOpen(client);
    }
  }

  @Test
  void more_frames_than_allowed_end_the_connection() {
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    for (int i = 0; i < 100; i++) {
      many.writeBytes(RawClient.masked(RawClient.TEXT, READ));
    }
    isBad(many.toByteArray());
  }

  @Test
  void burst_of_forty_is_taken() {
    ByteArrayOutputStream burst = new ByteArrayOutputStream();
    for (int i = 0; i < 39; i++) {
      burst.writeBytes(RawClient.masked(0x8A, ""));
    }
    try (RawClient client = open()) {
      client.say(burst.toByteArray());
      staysOpen(client);
    }
  }

  @Test
  void close_is_answered() {
    closes(1000, RawClient.masked(0x88, new byte[] {0x03, (byte) 0xE8}));
    closes(1000, RawClient.masked(0x88, new byte[0]));
  }

  @Test
  void frames_that_come_in_bytes_are_understood() {
    try (RawClient client = open()) {
      for (byte one : RawClient.masked(RawClient.TEXT, READ)) {
        client.say(new byte[] {one});
      }
      staysOpen(client);
    }
  }

  @Test
  void connections_that_break_leave_nothing_behind() {
    for (int i = 0; i < 20; i++) {
      open().close();
    }
    GatewayFixture.await("all left", () -> fixture.gateway().connections() == 0);
    try (DeviceClient device = fixture.connected("10001")) {
      fixture.send("b");
      device.nextBroadcast("b");
    }
  }
}
