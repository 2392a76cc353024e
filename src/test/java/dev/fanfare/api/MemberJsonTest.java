package dev.fanfare.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.schema.AttributeEdit;
import dev.fanfare.schema.MemberEdit;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

final class MemberJsonTest {

  private static Fields body(String json) {
    return Json.body(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  private static void assertRefused(String json, String pointer) {
    for (boolean put : new boolean[] {true, false}) {
      assertThatThrownBy(
              () -> {
                var _ = put ? MemberJson.put(body(json), "1") : patch(json);
              })
          .as(json)
          .asInstanceOf(InstanceOfAssertFactories.type(ProblemException.class))
          .extracting(e -> e.problem().pointer())
          .isEqualTo(pointer);
    }
  }

  @Test
  void put_says_only_what_was_given() {
    assertThat(MemberJson.put(body("{}"), "1")).isEqualTo(MemberEdit.getDefaultInstance());
    MemberEdit edit = MemberJson.put(body("{'id': '1', 'ext': {'b': '', 'a': '1'}}"), "1");
    assertThat(edit.hasTags()).isFalse();
    assertThat(edit.getExt().getEntriesList())
        .extracting(e -> e.getKey())
        .containsExactly("a", "b");
  }

  @Test
  void patch_clears_what_is_null() {
    MemberEdit edit =
        patch("{'portrait': null, 'tags': null, 'ext': null, 'attributes': {'c': null}}");
    assertThat(edit.hasPortrait()).isTrue();
    assertThat(edit.getPortrait()).isEmpty();
    assertThat(edit.hasTags()).isTrue();
    assertThat(edit.hasExt()).isTrue();
    assertThat(edit.hasNickName()).isFalse();
    assertThat(edit.getAttributesList())
        .containsExactly(AttributeEdit.newBuilder().setName("c").build());
  }

  private static MemberEdit patch(String json) {
    return MemberJson.patch(body(json), "1", List.of("city", "", "tier"));
  }

  @Test
  void patch_clears_every_attribute_when_there_are_to_be_none() {
    assertThat(patch("{'attributes': null}").getAttributesList())
        .containsExactly(
            AttributeEdit.newBuilder().setName("city").build(),
            AttributeEdit.newBuilder().setName("tier").build());
  }

  @Test
  void put_has_no_null() {
    for (String field : List.of("tags", "attributes")) {
      assertThatThrownBy(
              () -> {
                var _ = MemberJson.put(body("{'" + field + "': null}"), "1");
              })
          .isInstanceOf(ProblemException.class);
    }
  }

  @Test
  void limits_are_counted_as_documented() {
    String wide = "\uD83D\uDE00";
    assertThat(MemberJson.put(body("{'nickName': '" + wide.repeat(500) + "'}"), "1").hasNickName())
        .isTrue();
    assertRefused("{'nickName': '" + wide.repeat(501) + "'}", "/nickName");
    assertRefused("{'portrait': '" + "x".repeat(2_049) + "'}", "/portrait");
    assertRefused("{'tags': ['" + "x".repeat(257) + "']}", "/tags/0");
    assertRefused("{'tags': ['']}", "/tags/0");
    assertRefused("{'ext': {'" + "k".repeat(51) + "': ''}}", "/ext/" + "k".repeat(51));
    assertRefused("{'ext': {'a/b': '" + "v".repeat(501) + "'}}", "/ext/a~1b");
    assertRefused("{'attributes': {'city': '" + "v".repeat(257) + "'}}", "/attributes/city");
    assertRefused("{'attributes': {'city': ''}}", "/attributes/city");
  }

  @Test
  void wrong_kinds_are_refused() {
    assertRefused("{'nickName': 1}", "/nickName");
    assertRefused("{'robot': 'yes'}", "/robot");
    assertRefused("{'tags': 'a'}", "/tags");
    assertRefused("{'ext': []}", "/ext");
    assertRefused("{'ext': {'k': null}}", "/ext/k");
    assertRefused("{'id': '2'}", "/id");
    assertRefused("{'nick': 'x'}", "/nick");
  }

  @Test
  void ids_are_64_bytes_without_control_characters() {
    assertThat(MemberId.check("é".repeat(32), "")).hasSize(32);
    for (String bad : new String[] {"", "é".repeat(33), "a\u0000", "a\u007f", "a\u0085"}) {
      assertThatThrownBy(
              () -> {
                var _ = MemberId.check(bad, "");
              })
          .isInstanceOf(ProblemException.class);
    }
  }
}
