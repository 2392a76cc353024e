package dev.fanfare.volcengine;

import static dev.fanfare.volcengine.Bodies.broadcast;
import static dev.fanfare.volcengine.Bodies.ext;
import static dev.fanfare.volcengine.Bodies.users;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fanfare.schema.MemberChange;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Section 4 of the contract: what JSON is taken, and how its values are read.
class JsonRulesTest {
  private final FakeServer server = new FakeServer();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-1",
        "-9223372036854775808",
        "9223372036854775808",
        "1.0",
        "1.5",
        "1e3",
        "10E0",
        "1e99999999999",
        "\"10001\"",
        "true",
        "null",
        "{}",
        "[1]",
        "[]",
        "123456789012345678901234567890"
      })
  void a_user_id_is_an_integral_number_from_1_to_the_end_of_int64(String id) {
    for (String action : List.of("UnRegisterUsers", "BatchGetUser", "BatchUpdateUserTags")) {
      String body = "{\"AppId\":123456,\"UserIds\":[7," + id + "],\"Tags\":[\"a\"]}";
      assertThat(server.error(action, body))
          .isEqualTo(
              "400 200002 InvalidParam: UserIds[1] must be an integer from 1 to"
                  + " 9223372036854775807.");
    }
    for (String action : List.of("RegisterUsers", "BatchUpdateUser")) {
      String body = users("{\"UserId\":7},{\"UserId\":" + id + "}");
      assertThat(server.error(action, body))
          .startsWith("400 200002 InvalidParam: Users[1].UserId ");
    }
    assertThat(server.error("UserBroadcast", broadcast("Sender", id)))
        .startsWith("400 200002 InvalidParam: Sender ");
    assertThat(server.proposed).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "10001", "9007199254740993", "9223372036854775807"})
  void a_user_id_is_a_member_id_in_canonical_decimal_form(String id) {
    server.answer("RegisterUsers", users("{\"UserId\":" + id + "}"));
    assertThat(server.changes()).extracting(MemberChange::getId).containsExactly(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "1",
        "\"x\"",
        "{",
        "{\"AppId\":123456,}",
        "{\"AppId\":000000}",
        "{\"AppId\":+1}",
        "{\"AppId\":.5}",
        "{\"AppId\":1.}",
        "{\"AppId\":NaN}",
        "{'AppId':1}",
        "{AppId:1}",
        "{\"AppId\":1}{}",
        "{\"AppId\":1} x",
        "{\"AppId\":1}//",
        "/**/{}",
        "{\"a\":\"\u0001\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":tru}",
        "\ufeff{\"AppId\":1}"
      })
  void anything_but_one_strict_json_object_is_a_parsing_error(String body) {
    assertThat(server.error("RegisterUsers", body)).startsWith("400 200001 JsonParsingError");
  }

  @Test
  void bytes_that_are_no_utf_8_are_a_parsing_error() {
    for (String hex : List.of("ff", "c0af", "eda080", "f8888080", "e4b8")) {
      ByteString bad =
          ByteString.copyFromUtf8("{\"AppId\":123456,\"x\":\"")
              .concat(ByteString.fromHex(hex))
              .concat(ByteString.copyFromUtf8("\"}"));
      assertThat(body(bad.toByteArray())).startsWith("JsonParsingError");
    }
    assertThat(body("{\"AppId\":1}".getBytes(StandardCharsets.UTF_16))).startsWith("JsonParsing");
    assertThat(body("{\"AppId\":1}".getBytes(StandardCharsets.UTF_16LE))).startsWith("JsonParsing");
  }

  @Test
  void depth_is_bounded() {
    assertThat(body(Hashes.utf8("{\"a\":" + "[".repeat(31) + "]".repeat(31) + "}"))).isEmpty();
    assertThat(body(Hashes.utf8("{\"a\":" + "[".repeat(32) + "]".repeat(32) + "}")))
        .startsWith("JsonParsingError");
    assertThat(body(Hashes.utf8("{\"a\":".repeat(200_000)))).startsWith("JsonParsingError");
    assertThat(body(Hashes.utf8("{\"a\":" + "9".repeat(500_000) + "}")))
        .startsWith("JsonParsingError");
  }

  @Test
  void names_are_case_sensitive_others_are_ignored_and_the_last_of_two_equal_ones_wins() {
    server.answer(
        "RegisterUsers",
        "{\"appid\":9,\"AppId\":9,\"AppId\":123456,\"New\":[{}],"
            + "\"Users\":[{\"UserId\":5,\"nickname\":\"x\",\"UserId\":6,\"Y\":1}]}");
    assertThat(server.changes()).extracting(MemberChange::getId).containsExactly("6");
    assertThat(server.changes().getFirst().getRegister().hasNickName()).isFalse();
  }

  @Test
  void null_is_absent_as_the_go_sdk_sends_it() {
    server.answer(
        "BatchUpdateUser",
        users("{\"Ext\":null,\"NickName\":\"\",\"Portrait\":null,\"Tags\":null,\"UserId\":10001}"));
    assertThat(server.changes().getFirst().getUpdate().toString().strip())
        .isEqualTo("nick_name: \"\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NickName|1", "NickName|[]", "NickName|\"\\ud800\"", "Portrait|{}", "Portrait|true",
        "Tags|\"a\"", "Tags|{}", "Tags|[1]", "Tags|[null]", "Tags|[[\"a\"]]",
        "Tags|[\"\\udc00\\ud800\"]", "Ext|[]", "Ext|\"x\"", "Ext|{\"k\":1}", "Ext|{\"k\":{}}",
        "Ext|{\"k\":true}", "Ext|{\"k\":\"\\ude00\"}"
      })
  void a_field_of_another_type_refuses_the_whole_request(String field, String value) {
    for (String action : List.of("RegisterUsers", "BatchUpdateUser")) {
      String body = users("{\"UserId\":1},{\"UserId\":2,\"" + field + "\":" + value + "}");
      assertThat(server.error(action, body))
          .startsWith("400 200002 InvalidParam: Users[1]." + field);
    }
    assertThat(server.proposed).isEmpty();
  }

  @Test
  void half_a_character_in_a_key_refuses_the_whole_request() {
    for (String key : List.of("\\ud83d", "\\ude00", "a\\ud83dz", "\\ude00\\ud83d")) {
      assertThat(
              server.error("RegisterUsers", users("{\"UserId\":1,\"Ext\":" + ext(key, "v") + "}")))
          .startsWith("400 20000");
    }
    assertThat(server.proposed).isEmpty();
  }

  @Test
  void an_item_that_is_no_object_refuses_the_whole_request() {
    for (String item : List.of("1", "null", "\"x\"", "[]")) {
      assertThat(server.error("RegisterUsers", users("{\"UserId\":1}," + item)))
          .isEqualTo("400 200002 InvalidParam: Users[1] must be an object.");
    }
    assertThat(server.error("RegisterUsers", users("{}")))
        .isEqualTo("400 200002 InvalidParam: Users[0].UserId is required.");
  }

  @Test
  void references_of_the_java_sdk_are_resolved() {
    server.answer(
        "RegisterUsers",
        users(
            "{\"UserId\":1,\"Ext\":{\"k\":\"v\"}},"
                + "{\"UserId\":2,\"Ext\":{\"$ref\":\"$.Users[0].Ext\"}},"
                + "{\"UserId\":3,\"Ext\":{\"$ref\":\"$.Users[1].Ext\"}},"
                + "{\"$ref\":\"$.Users[1]\"},{\"UserId\":5},"
                + "{\"UserId\":6,\"Ext\":{\"$ref\":\"$.Users[4].Ext\"}}"));
    assertThat(server.changes())
        .extracting(MemberChange::getId)
        .containsExactly("1", "2", "3", "2", "5", "6");
    assertThat(server.changes())
        .extracting(change -> change.getRegister().getExt().getEntriesCount())
        .containsExactly(1, 1, 1, 1, 0, 0);
    assertThat(server.changes().get(2).getRegister().getExt().getEntries(0).getValue())
        .isEqualTo("v");
    assertThat(server.changes().get(5).getRegister().hasExt()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$.Users[1]",
        "$.Users[2]",
        "$.Users[0].Ext",
        "$.Users[-1]",
        "$.Users[0]x",
        "$",
        "..",
        "$.Users[99999999999]",
        ""
      })
  void any_other_reference_in_place_of_an_item_is_refused(String reference) {
    assertThat(
            server.error(
                "BatchUpdateUser", users("{\"UserId\":1},{\"$ref\":\"" + reference + "\"}")))
        .startsWith("400 200002 InvalidParam: Users[1] ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"$.Users[1].Ext", "$.Users[0]", "text", "$.Users[0].Ext "})
  void any_other_reference_in_place_of_an_ext_is_a_map(String reference) {
    server.answer(
        "BatchUpdateUser",
        users("{\"UserId\":1},{\"UserId\":2,\"Ext\":{\"$ref\":\"" + reference + "\"}}"));
    var entry = server.changes().get(1).getUpdate().getExt().getEntries(0);
    assertThat(entry.getKey() + entry.getValue()).isEqualTo("$ref" + reference);
  }

  /// What parsing the body throws, or nothing.
  private static String body(byte[] body) {
    try {
      Fields.parse(body);
      return "";
    } catch (VolcengineException e) {
      return e.error().code();
    }
  }
}
