package dev.fanfare.audience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AudienceJsonTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"everyone\"",
        "{\"tag\":\"vip\"}",
        "{\"attribute\":\"city\",\"is\":\"ny\"}",
        "{\"members\":[\"1\",\"2\"]}",
        "{\"all\":[{\"tag\":\"a\"}]}",
        "{\"any\":[{\"tag\":\"a\"},\"everyone\"]}",
        "{\"not\":{\"all\":[{\"tag\":\"a\"},{\"not\":{\"any\":[{\"tag\":\"b\"}]}}]}}",
      })
  void canonical_json_is_written_as_it_was_read(String json) {
    assertThat(AudienceJson.write(read(json)).toString()).isEqualTo(json);
  }

  @Test
  void text_stands_wherever_an_audience_may() {
    assertThat(read("\"tag:a and not city=ny\""))
        .isEqualTo(AudienceText.parse("tag:a and not city=ny"));
    assertThat(read("{\"not\":\"tag:a or tag:b\"}"))
        .isEqualTo(AudienceText.parse("not (tag:a or tag:b)"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "null                                    | ``          | expected an object",
        "[]                                      | ``          | expected an object",
        "{}                                      | ``          | expected exactly",
        "{\"tag\":\"a\",\"not\":\"everyone\"}    | ``          | expected exactly",
        "{\"attribute\":\"city\"}                | ``          | expected exactly",
        "{\"tag\":7}                             | /tag        | expected a string",
        "{\"tag\":\"\"}                          | /tag        | expected a string",
        "{\"attribute\":\"city\",\"is\":null}    | /is         | expected a string",
        "{\"members\":[]}                        | /members    | expected an array",
        "{\"members\":[\"1\",2]}                 | /members/1  | expected a string",
        "{\"all\":[]}                            | /all        | expected an array",
        "{\"all\":[{\"tag\":\"a\"},{\"any\":{}}]}| /all/1/any  | expected an array",
        "{\"not\":{\"any\":[{\"tags\":\"a\"}]}}  | /not/any/0  | expected exactly",
        "{\"not\":\"tag:\"}                      | /not        | expected a name",
      })
  void error_carries_a_pointer_to_the_part(String json, String pointer, String expected) {
    assertThatExceptionOfType(AudienceException.class)
        .isThrownBy(() -> read(json))
        .satisfies(wrong -> assertThat(wrong.pointer()).hasValue(pointer))
        .withMessageStartingWith(pointer)
        .withMessageContaining(expected);
  }

  @Test
  void error_in_embedded_text_names_pointer_and_column() {
    assertThatExceptionOfType(AudienceException.class)
        .isThrownBy(() -> read("{\"all\":[\"everyone\",\"tag:\"]}"))
        .withMessage("/all/1, column 5: expected a name after tag:")
        .satisfies(wrong -> assertThat(wrong.column()).hasValue(5));
  }

  @Test
  void depth_ends_at_sixteen_levels() {
    assertThat(read(nots(15) + "\"tag:a\"" + "}".repeat(15))).isInstanceOf(Audience.Not.class);
    refused(nots(16) + "\"tag:a\"" + "}".repeat(16), "nested deeper than 16 levels");
    refused(nots(15) + "\"not tag:a\"" + "}".repeat(15), "nested deeper than 16 levels");
  }

  @Test
  void terms_end_at_a_thousand() {
    assertThat(read("{\"any\":[" + tags(1_000) + "]}")).isInstanceOf(Audience.Or.class);
    refused("{\"any\":[" + tags(1_001) + "]}", "more than 1000 terms");
  }

  @Test
  void listed_members_end_at_ten_thousand() {
    assertThat(read("{\"members\":[" + ids(10_000) + "]}")).isInstanceOf(Audience.Members.class);
    refused("{\"members\":[" + ids(10_001) + "]}", "more than 10000 listed members");
  }

  private static void refused(String json, String message) {
    assertThatExceptionOfType(AudienceException.class)
        .isThrownBy(() -> read(json))
        .satisfies(wrong -> assertThat(wrong.pointer()).isPresent())
        .withMessageContaining(message);
  }

  private static Audience read(String json) {
    try {
      JsonNode node = MAPPER.readTree(json);
      return AudienceJson.read(node);
    } catch (JsonProcessingException e) {
      throw new AssertionError(json, e);
    }
  }

  private static String nots(int levels) {
    return "{\"not\":".repeat(levels);
  }

  private static String tags(int number) {
    return IntStream.range(0, number)
        .mapToObj(i -> "{\"tag\":\"" + i + "\"}")
        .collect(Collectors.joining(","));
  }

  private static String ids(int number) {
    return IntStream.range(0, number)
        .mapToObj(i -> "\"" + i + "\"")
        .collect(Collectors.joining(","));
  }
}
