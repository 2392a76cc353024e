package dev.fanfare.audience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fanfare.audience.Audience.And;
import dev.fanfare.audience.Audience.Attribute;
import dev.fanfare.audience.Audience.Everyone;
import dev.fanfare.audience.Audience.Members;
import dev.fanfare.audience.Audience.Not;
import dev.fanfare.audience.Audience.Or;
import dev.fanfare.audience.Audience.Tag;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AudienceTextTest {
  private static final Audience A = new Tag("a");
  private static final Audience B = new Tag("b");
  private static final Audience C = new Tag("c");

  @Test
  void every_kind_of_leaf_is_read() {
    assertThat(AudienceText.parse("everyone")).isEqualTo(new Everyone());
    assertThat(AudienceText.parse("tag:a:b.c-d_1")).isEqualTo(new Tag("a:b.c-d_1"));
    assertThat(AudienceText.parse("tag:\"old customers\"")).isEqualTo(new Tag("old customers"));
    assertThat(AudienceText.parse("城市=北京")).isEqualTo(new Attribute("城市", "北京"));
    assertThat(AudienceText.parse("\"and\"=or")).isEqualTo(new Attribute("and", "or"));
    assertThat(AudienceText.parse("member:1,2,\"a b\""))
        .isEqualTo(new Members(List.of("1", "2", "a b")));
    assertThat(AudienceText.parse("tag:\"\\\"\\\\\"")).isEqualTo(new Tag("\"\\"));
  }

  @Test
  void not_binds_tighter_than_and_than_or() {
    assertThat(AudienceText.parse("not tag:a and tag:b or tag:c"))
        .isEqualTo(new Or(List.of(new And(List.of(new Not(A), B)), C)));
    assertThat(AudienceText.parse(" ( tag:a or tag:b ) and not(tag:c)\n"))
        .isEqualTo(new And(List.of(new Or(List.of(A, B)), new Not(C))));
    assertThat(AudienceText.parse("tag:a and tag:b and tag:c"))
        .isEqualTo(new And(List.of(A, B, C)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "everyone",
        "tag:vip and not (city=ny or tag:\"old customers\")",
        "(tag:a and tag:b) and tag:c",
        "(tag:a and tag:b) or tag:c",
        "not not tag:a",
        "(and tag:a)",
        "not (or (and tag:a))",
        "(or tag:a) and tag:b",
        "member:1,2,\"a b\" or member:3",
        "\"tag:x\"=y and \"member:x\"=y and \"not\"=not",
        "tag:not or tag:everyone",
      })
  void canonical_text_prints_as_it_was_read(String text) {
    assertThat(AudienceText.print(AudienceText.parse(text))).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``               |  1 | expected everyone, not, tag:NAME",
        "tag:a and        | 10 | expected everyone, not, tag:NAME",
        "tag:a tag:b      |  7 | expected and, or, or the end",
        "tag:             |  5 | expected a name after tag:",
        "tag:\"\"         |  5 | expected a name after tag:",
        "member:1,,2      | 10 | expected an id after the comma",
        "vip              |  4 | expected \"=\"",
        "city=            |  6 | expected a value",
        "and=5            |  1 | expected everyone, not, tag:NAME",
        "(tag:a           |  7 | expected and, or, or \")\"",
        "tag:a)           |  6 | expected and, or, or the end",
        "()               |  2 | expected everyone, not, tag:NAME",
        "東=\"x           |  3 | expected a closing quote",
        "tag:\"a\\n\"     |  8 | expected \\\" or \\\\",
        "tag:x=y          |  6 | expected a space",
        "𠀀=1 &            |  5 | expected and, or, or the end",
      })
  void syntax_error_names_the_column_and_what_was_expected(
      String text, int column, String expected) {
    assertThatExceptionOfType(AudienceException.class)
        .isThrownBy(() -> AudienceText.parse(text))
        .satisfies(wrong -> {
          assertThat(wrong.column()).hasValue(column);
          assertThat(wrong.pointer()).isEmpty();
        })
        .withMessageStartingWith("column " + column + ": " + expected);
  }

  @Test
  void depth_ends_at_sixteen_levels() {
    assertThat(AudienceText.parse("not ".repeat(15) + "tag:a")).isInstanceOf(Not.class);
    assertThat(AudienceText.parse("(".repeat(16) + "tag:a" + ")".repeat(16))).isEqualTo(A);
    refused("not ".repeat(16) + "tag:a", "nested deeper than 16 levels");
    refused("(".repeat(17) + "tag:a" + ")".repeat(17), "nested deeper than 16 levels");
    refused("(".repeat(1_000_000), "nested deeper than 16 levels");
  }

  @Test
  void terms_end_at_a_thousand() {
    String most = String.join(" or ", Collections.nCopies(1_000, "tag:a"));
    assertThat(((Or) AudienceText.parse(most)).parts()).hasSize(1_000);
    refused(most + " or tag:a", "column 9001: more than 1000 terms");
  }

  @Test
  void listed_members_end_at_ten_thousand_in_all() {
    String most =
        IntStream.range(0, 9_999).mapToObj(Integer::toString).collect(Collectors.joining(","));
    assertThat(AudienceText.parse("member:" + most + " or member:a")).isInstanceOf(Or.class);
    refused("member:" + most + " or member:a,b", "more than 10000 listed members");
  }

  @Test
  void limits_hold_for_audiences_that_were_built() {
    Audience deep = A;
    for (int i = 1; i < 16; i++) {
      deep = new Not(deep);
    }
    assertThat(Audience.checked(deep)).isEqualTo(deep);
    Audience deeper = new Not(deep);
    assertThatExceptionOfType(AudienceException.class)
        .isThrownBy(() -> Audience.checked(deeper))
        .withMessage("nested deeper than 16 levels");
    Audience most = new And(Collections.nCopies(1_000, A));
    assertThat(Audience.checked(most)).isEqualTo(most);
    Audience more = new And(List.of(most, B));
    assertThatExceptionOfType(AudienceException.class)
        .isThrownBy(() -> Audience.checked(more))
        .withMessage("more than 1000 terms");
  }

  @Test
  void empty_parts_names_and_lists_are_refused() {
    assertThatExceptionOfType(AudienceException.class).isThrownBy(() -> new Tag(""));
    assertThatExceptionOfType(AudienceException.class).isThrownBy(() -> new Attribute("", "x"));
    assertThatExceptionOfType(AudienceException.class).isThrownBy(() -> new Attribute("x", ""));
    assertThatExceptionOfType(AudienceException.class).isThrownBy(() -> new Members(List.of()));
    assertThatExceptionOfType(AudienceException.class).isThrownBy(() -> new Members(List.of("")));
    assertThatExceptionOfType(AudienceException.class).isThrownBy(() -> new And(List.of()));
    assertThatExceptionOfType(AudienceException.class).isThrownBy(() -> new Or(List.of()));
  }

  private static void refused(String text, String message) {
    assertThatExceptionOfType(AudienceException.class)
        .isThrownBy(() -> AudienceText.parse(text))
        .withMessageContaining(message);
  }
}
