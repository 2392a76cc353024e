package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FrameTest {
  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String event(Frame frame) {
    return frame.as(Encoding.EVENT_STREAM).from(0).toString(StandardCharsets.UTF_8);
  }

  @Test
  void event_has_its_position_as_id_and_its_type() {
    Frame frame = new Frame(new Frame.Head("recall", "abc-7"), utf8("{\"id\":\"b\"}"));
    assertThat(event(frame)).isEqualTo("id: abc-7\nevent: recall\ndata: {\"id\":\"b\"}\n\n");
  }

  @Test
  void event_whose_position_is_not_to_be_stored_has_no_id() {
    Frame frame = new Frame(new Frame.Head("hello", null), utf8("{}"));
    assertThat(event(frame)).isEqualTo("event: hello\ndata: {}\n\n");
  }

  @Test
  void line_breaks_between_the_tokens_of_a_message_do_not_end_the_event() {
    Frame frame = new Frame(new Frame.Head("hello", null), utf8("{\n\"a\":\r\n\"\\n\"}"));
    assertThat(event(frame)).isEqualTo("event: hello\ndata: { \"a\":  \"\\n\"}\n\n");
  }

  @Test
  void encoding_is_made_once() {
    Frame frame = new Frame(new Frame.Head("hello", null), utf8("{}"));
    for (Encoding encoding : Encoding.values()) {
      assertThat(frame.as(encoding)).isSameAs(frame.as(encoding));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 125, 126, 0xFFFF, 0x10000})
  void length_of_a_web_socket_frame_takes_as_few_bytes_as_it_can(int length) {
    ByteBuffer header = ByteBuffer.allocate(10).put((byte) 0x81);
    if (length < 126) {
      header.put((byte) length);
    } else if (length <= 0xFFFF) {
      header.put((byte) 126).putShort((short) length);
    } else {
      header.put((byte) 127).putLong(length);
    }
    Frame frame = new Frame(new Frame.Head("hello", null), new byte[length]);
    SharedBytes bytes = frame.as(Encoding.WEB_SOCKET);
    assertThat(bytes.length()).isEqualTo(header.position() + length);
    byte[] start = new byte[header.position()];
    bytes.from(0).getBytes(0, start);
    assertThat(start).isEqualTo(Arrays.copyOf(header.array(), header.position()));
  }
}
