package dev.fanfare.json;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is taken, what is refused, and that what was taken can be stored and read again.
final class ExactJsonTest {
  private static final int DEPTH = 8;
  private static final ExactJson JSON = new ExactJson(DEPTH);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"price\":1.50,\"big\":12345678901234567890123,\"small\":0.1000000000000000055511151231}",
        "[\"中\",\"\",null,true,[],{}]",
        "1E+9999",
        "1E-9999",
        "[[[[[[[[]]]]]]]]"
      })
  void what_is_taken_is_written_and_read_again_as_it_was(String text) throws Exception {
    JsonNode read = JSON.read(text.getBytes(UTF_8));
    byte[] stored = ExactJson.STORED.writeValueAsBytes(read);
    assertThat(new String(stored, UTF_8)).isEqualTo(text);
    assertThat(ExactJson.STORED.readTree(stored)).isEqualTo(read);
  }

  @Test
  void the_longest_number_can_be_read_again_although_it_is_written_longer() throws Exception {
    String longest = "1".repeat(990) + ".5e-9000";
    byte[] stored = ExactJson.STORED.writeValueAsBytes(JSON.read(longest.getBytes(UTF_8)));
    assertThat(ExactJson.STORED.readTree(stored)).isEqualTo(JSON.read(longest.getBytes(UTF_8)));
  }

  @Test
  void a_byte_order_mark_is_passed_over_and_nothing_is_nothing() throws Exception {
    assertThat(JSON.read("\uFEFF{\"a\":1}".getBytes(UTF_8)).path("a").intValue()).isEqualTo(1);
    assertThat(JSON.read(new byte[0]).isMissingNode()).isTrue();
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("{", "not JSON at line 1, column 2"),
        Arguments.of("{\n\"a\": x}", "not JSON at line 2, column"),
        Arguments.of("{} {}", "not JSON at line 1"),
        Arguments.of("{\"a\":1,\"a\":2}", "not JSON at line 1"),
        Arguments.of("\uFEFF\uFEFF{}", "not JSON at line 1"),
        Arguments.of("[".repeat(DEPTH + 1) + "]".repeat(DEPTH + 1), "nested deeper than 8 levels"),
        Arguments.of("1".repeat(1_001), "a name or number is too long"),
        Arguments.of("{\"" + "n".repeat(50_001) + "\":1}", "a name or number is too long"),
        Arguments.of("[1e99999999999]", "a number is out of range"),
        Arguments.of("[1e10000]", "a number is out of range"),
        Arguments.of("[{\"a\":1e-10000}]", "a number is out of range"),
        Arguments.of("[\"\\ud800\"]", "half of a surrogate pair"),
        Arguments.of("[{\"\\udc00\":1}]", "not JSON at line 1"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void what_cannot_be_kept_is_refused(String text, String complaint) {
    assertThatThrownBy(() -> JSON.read(text.getBytes(UTF_8)))
        .isInstanceOfSatisfying(
            MalformedJsonException.class, e -> assertThat(e.complaint()).contains(complaint));
  }

  @Test
  void other_bytes_than_utf8_are_refused() {
    for (byte[] bytes :
        new byte[][] {
          {'"', (byte) 0xff, '"'},
          {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'},
          "{}".getBytes(UTF_16LE)
        }) {
      assertThatThrownBy(() -> JSON.read(bytes)).isInstanceOf(MalformedJsonException.class);
    }
  }
}
