package dev.fanfare.volcengine;

import static dev.fanfare.volcengine.Bodies.batch;
import static dev.fanfare.volcengine.Bodies.ext;
import static dev.fanfare.volcengine.Bodies.quoted;
import static dev.fanfare.volcengine.Bodies.tagEdit;
import static dev.fanfare.volcengine.Bodies.tagList;
import static dev.fanfare.volcengine.Bodies.tags;
import static dev.fanfare.volcengine.Bodies.users;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.schema.MemberChange;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sections 5.1 to 5.5 of the contract: every limit at its last good value and one beyond.
class UserRulesTest {
  private static final String FACE = "😀";

  private final FakeServer server = new FakeServer();

  @ParameterizedTest
  @CsvSource({
    "RegisterUsers, 20",
    "BatchUpdateUser, 10",
    "UnRegisterUsers, 10",
    "BatchGetUser, 50",
    "BatchUpdateUserTags, 50"
  })
  void a_batch_has_one_to_its_limit(String action, int limit) {
    assertThat(server.answer(action, batch(action, limit)).status()).isEqualTo(200);
    List<String> refused = List.of(batch(action, limit + 1), batch(action, 0));
    int proposed = server.proposed.size();
    for (String body : refused) {
      assertThat(server.error(action, body))
          .startsWith("400 200002 InvalidParam: User")
          .endsWith(" must have 1 to " + limit + " elements.");
    }
    assertThat(server.error(action, batch(action, 1).replace("User", "Loser")))
        .contains(" is required.");
    assertThat(server.error(action, batch(action, 1).replace(":[", ":{},\"x\":[")))
        .contains(" must be an array.");
    assertThat(server.proposed).hasSize(proposed);
  }

  @Test
  void a_user_with_nothing_but_an_id_is_an_edit_of_nothing() {
    server.answer("BatchUpdateUser", users("{\"UserId\":10001,\"IsRobot\":\"ignored\"}"));
    assertThat(server.changes().getFirst().hasUpdate()).isTrue();
    assertThat(server.changes().getFirst().getUpdate().getSerializedSize()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"RegisterUsers", "BatchUpdateUser"})
  void a_value_over_its_limit_fails_that_user_alone(String action) {
    assertLimit(action, "NickName", quoted("n".repeat(100)), quoted("n".repeat(101)));
    assertLimit(action, "NickName", quoted(FACE.repeat(100)), quoted(FACE.repeat(101)));
    assertLimit(action, "NickName", quoted("\\ud83d\\ude00".repeat(100)), quoted("中".repeat(101)));
    assertLimit(action, "Portrait", quoted("p".repeat(500)), quoted("p".repeat(501)));
    assertLimit(action, "Portrait", quoted(FACE.repeat(500)), quoted(FACE.repeat(501)));
    assertLimit(action, "Tags", tags("t".repeat(256)), tags("t".repeat(257)));
    assertLimit(action, "Tags", tags(FACE.repeat(64)), tags(FACE.repeat(64) + "t"));
    assertLimit(action, "Tags", "[]", "[\"a\",\"\"]");
    assertLimit(action, "Ext", ext(20), ext(21));
    assertLimit(action, "Ext", ext("k".repeat(50), "v"), ext("k".repeat(51), "v"));
    assertLimit(action, "Ext", ext("中".repeat(16) + "kk", "v"), ext("中".repeat(17), "v"));
    assertLimit(action, "Ext", ext("k", "v".repeat(500)), ext("k", "v".repeat(501)));
    assertLimit(action, "Ext", ext("k", FACE.repeat(125)), ext("k", FACE.repeat(125) + "v"));
    assertLimit(action, "Ext", ext("S:k", "v"), ext("s:k", "v"));
    assertLimit(action, "Ext", ext("s", ":"), ext("s:", ""));
  }

  private void assertLimit(String action, String field, String good, String bad) {
    server.proposed.clear();
    String result =
        server.result(
            action,
            users(
                "{\"UserId\":1,\"%s\":%s},{\"UserId\":2,\"%s\":%s},{\"UserId\":3}"
                    .formatted(field, good, field, bad)));
    assertThat(server.changes()).extracting(MemberChange::getId).containsExactly("1", "3");
    assertThat(result)
        .startsWith(
            action.equals("RegisterUsers")
                ? "{\"FailedInfos\":[{\"UserId\":\"2\",\"Code\":\"InvalidParam\",\"Message\":\"Users[1]."
                : "{\"FailedInfos\":[{\"UserId\":2,\"Code\":\"InvalidParam\",\"Message\":\"Users[1].")
        .contains("Users[1]." + field + " must ")
        .endsWith("\"}]}");
  }

  @Test
  void is_robot_is_a_boolean_of_register_users() {
    server.answer(
        "RegisterUsers", users("{\"UserId\":1,\"IsRobot\":true},{\"UserId\":2,\"IsRobot\":null}"));
    assertThat(server.changes().get(0).getRegister().getRobot()).isTrue();
    assertThat(server.changes().get(1).getRegister().hasRobot()).isFalse();
    assertThat(server.error("RegisterUsers", users("{\"UserId\":1,\"IsRobot\":1}")))
        .isEqualTo("400 200002 InvalidParam: Users[0].IsRobot must be true or false.");
  }

  @Test
  void tags_collapse_in_order_and_ext_is_sorted_without_its_nulls() {
    server.answer(
        "RegisterUsers",
        users(
            "{\"UserId\":1,\"Tags\":[\"b\",\"a\",\"b\",\"B\"],"
                + "\"Ext\":{\"z\":\"1\",\"n\":null,\"a\":\"2\",\"\":\"3\"}}"));
    var edit = server.changes().getFirst().getRegister();
    assertThat(edit.getTags().getNamesList()).containsExactly("b", "a", "B");
    assertThat(edit.getExt().getEntriesList().stream().map(e -> e.getKey() + "=" + e.getValue()))
        .containsExactly("=3", "a=2", "z=1");
  }

  @Test
  void empty_tags_and_an_empty_ext_are_given_and_clear() {
    server.answer("BatchUpdateUser", users("{\"UserId\":1,\"Tags\":[],\"Ext\":{}}"));
    var edit = server.changes().getFirst().getUpdate();
    assertThat(edit.hasTags() && edit.hasExt()).isTrue();
    assertThat(edit.getTags().getNamesCount() + edit.getExt().getEntriesCount()).isZero();
  }

  @Test
  void user_ids_that_come_again_are_handled_once_and_users_in_order() {
    server.answer("UnRegisterUsers", "{\"AppId\":123456,\"UserIds\":[3,1,3,2,1]}");
    assertThat(server.changes()).extracting(MemberChange::getId).containsExactly("3", "1", "2");
    assertThat(server.changes()).allMatch(MemberChange::hasRemove);
    server.proposed.clear();
    server.answer("RegisterUsers", users("{\"UserId\":1},{\"UserId\":2},{\"UserId\":1}"));
    assertThat(server.changes()).extracting(MemberChange::getId).containsExactly("1", "2", "1");
  }

  @Test
  void tags_are_appended_or_deleted_as_op_says() {
    for (String op : List.of("", ",\"Op\":null", ",\"Op\":0")) {
      server.proposed.clear();
      assertThat(server.result("BatchUpdateUserTags", tagEdit(op, "[\"a\",\"b\",\"a\"]")))
          .isEqualTo("{}");
      var edit = server.changes().getFirst().getUpdate();
      assertThat(edit.getAddTagsList()).containsExactly("a", "b");
      assertThat(edit.hasTags() || edit.getRemoveTagsCount() > 0).isFalse();
    }
    server.proposed.clear();
    server.answer("BatchUpdateUserTags", tagEdit(",\"Op\":1", "[\"a\"]"));
    assertThat(server.changes().getFirst().getUpdate().getRemoveTagsList()).containsExactly("a");
    for (String op : List.of("2", "-1", "\"0\"", "0.0", "true")) {
      assertThat(server.error("BatchUpdateUserTags", tagEdit(",\"Op\":" + op, "[\"a\"]")))
          .isEqualTo("400 200002 InvalidParam: Op must be an integer from 0 to 1.");
    }
  }

  @Test
  void the_tags_to_edit_are_1_to_100_of_1_to_256_bytes() {
    assertThat(server.result("BatchUpdateUserTags", tagEdit("", tagList(100)))).isEqualTo("{}");
    assertThat(server.result("BatchUpdateUserTags", tagEdit("", tags("t".repeat(256)))))
        .isEqualTo("{}");
    int proposed = server.proposed.size();
    for (String tags :
        List.of(tagList(101), "[]", "null", "[\"\"]", tags("t".repeat(257)), "[1]", "\"a\"")) {
      assertThat(server.error("BatchUpdateUserTags", tagEdit("", tags)))
          .startsWith("400 200002 InvalidParam: Tags");
    }
    assertThat(server.proposed).hasSize(proposed);
  }
}
