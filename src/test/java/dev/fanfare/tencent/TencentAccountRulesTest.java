package dev.fanfare.tencent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.TestNode;
import dev.fanfare.member.Member;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Accounts, their tags and attributes at the edges of the limits.
class TencentAccountRulesTest {
  private final TencentServer server = new TencentServer();

  @BeforeEach
  void an_account_and_an_attribute() {
    server.accounts("u");
    server.push("im_set_attr_name", "{\"AttrNames\":{\"0\":\"sex\"}}");
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Member member(String id) {
    return server.member(server.app(), id).orElseThrow();
  }

  private JsonNode add(String tags) {
    return TencentServer.json(
        server.push("im_add_tag", "{\"To_Account\":\"u\",\"Tags\":" + tags + "}"));
  }

  private static String tags(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> "\"t" + i + "\"")
        .collect(Collectors.joining(",", "[", "]"));
  }

  private void give(String account, int tags) {
    MemberEdit.Builder edit = MemberEdit.newBuilder();
    IntStream.range(0, tags).forEach(i -> edit.addAddTags("t" + i));
    server
        .node()
        .propose(TestNode.change(MemberChange.newBuilder().setId(account).setUpdate(edit)));
  }

  @Test
  void the_101st_tag_refuses_all_of_its_account() {
    give("u", 99);
    assertThat(add(tags(99, 101)).path("ErrorCode").asInt()).isEqualTo(90_032);
    assertThat(member("u").tags()).hasSize(99);
    assertThat(add("[\"t99\",\"t99\",\"t0\"]").path("ErrorCode").asInt()).isZero();
    assertThat(member("u").tags()).hasSize(100);
    assertThat(add("[\"t5\"]").path("ErrorCode").asInt()).as("one that it has").isZero();
    assertThat(add("[\"t100\"]").path("ErrorCode").asInt()).isEqualTo(90_032);
  }

  private int changed(String command, String users) {
    return server.code("all_member_push/" + command, users);
  }

  @Test
  void items_about_one_account_are_one_change_that_takes_effect_or_does_not() {
    give("u", 99);
    String twice =
        "{\"UserTags\":[{\"To_Account\":\"u\",\"Tags\":[\"t99\"]},"
            + "{\"To_Account\":\"u\",\"Tags\":[\"t100\"]}]}";
    assertThat(changed("im_add_tag", twice)).isEqualTo(90_032);
    assertThat(member("u").tags()).hasSize(99);
    assertThat(changed("im_remove_tag", twice.replace("t99", "t0").replace("t100", "t1"))).isZero();
    assertThat(member("u").tags()).hasSize(97);
    assertThat(changed("im_add_tag", twice)).isZero();
    assertThat(member("u").tags()).endsWith("t98", "t99", "t100");
  }

  @Test
  void of_items_about_one_account_the_later_counts() {
    assertThat(
            changed(
                "im_set_attr",
                "{\"UserAttrs\":[{\"To_Account\":\"u\",\"Attrs\":{\"sex\":\"f\"}},"
                    + "{\"To_Account\":\"u\",\"Attrs\":{\"sex\":\"m\"}}]}"))
        .isZero();
    assertThat(member("u").attributes()).containsEntry("sex", "m");
    assertThat(
            server.code(
                "timpush/add_tag",
                "{\"Replace\":1,\"UserTags\":[{\"To_Account\":\"u\",\"Tags\":[\"a\",\"b\"]},"
                    + "{\"To_Account\":\"u\",\"Tags\":[\"c\"]}]}"))
        .isZero();
    assertThat(member("u").tags()).containsExactly("c");
  }

  @Test
  void an_account_over_the_limit_is_shown_and_can_shrink() {
    server.limit("tagsPerMember", "150");
    give("u", 120);
    server.limit("tagsPerMember", "100");
    String all = server.push("im_get_tag", "{\"To_Account\":[\"u\"]}");
    assertThat(TencentServer.json(all).at("/UserTags/0/Tags").size()).isEqualTo(120);
    assertThat(add("[\"new\"]").path("ErrorCode").asInt()).isEqualTo(90_032);
    assertThat(
            server.code(
                "all_member_push/im_remove_tag",
                "{\"UserTags\":[{\"To_Account\":\"u\",\"Tags\":" + tags(0, 100) + "}]}"))
        .isZero();
    assertThat(add("[\"new\"]").path("ErrorCode").asInt()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "标", "😀"})
  void a_tag_and_a_value_have_up_to_50_bytes(String character) {
    int size = Call.bytes(character);
    String fits = character.repeat(50 / size) + "y".repeat(50 % size);
    assertThat(Call.bytes(fits)).isEqualTo(50);
    assertThat(add("[\"" + fits + "\"]").path("ErrorCode").asInt()).isZero();
    assertThat(set(fits)).isZero();
    assertThat(member("u").tags()).containsExactly(fits);
    assertThat(member("u").attributes()).containsEntry("sex", fits);
    assertThat(add("[\"" + fits + "z\"]").path("ErrorCode").asInt()).isEqualTo(90_020);
    assertThat(set(fits + "z")).isEqualTo(90_030);
    assertThat(member("u").tags()).containsExactly(fits);
    assertThat(member("u").attributes()).containsEntry("sex", fits);
  }

  private int set(String value) {
    return server.code(
        "all_member_push/im_set_attr",
        "{\"UserAttrs\":[{\"To_Account\":\"u\",\"Attrs\":{\"sex\":\"" + value + "\"}}]}");
  }

  @Test
  void renaming_a_slot_keeps_values_and_other_slots() {
    assertThat(set("f")).isZero();
    server.push("im_set_attr_name", "{\"AttrNames\":{\"1\":\"city\"}}");
    server.push("im_set_attr_name", "{\"AttrNames\":{\"0\":\"gender\"}}");
    assertThat(server.push("im_get_attr_name", "{}"))
        .contains("\"AttrNames\":{\"0\":\"gender\",\"1\":\"city\"}");
    assertThat(server.push("im_get_attr", "{\"To_Account\":[\"u\"]}"))
        .contains("\"Attrs\":{\"gender\":\"f\"}");
    assertThat(set("m")).as("the old name").isEqualTo(90_033);
  }

  @Test
  void two_slots_can_exchange_their_names() {
    server.push("im_set_attr_name", "{\"AttrNames\":{\"1\":\"city\"}}");
    assertThat(
            server.code(
                "all_member_push/im_set_attr_name",
                "{\"AttrNames\":{\"0\":\"city\",\"1\":\"sex\"}}"))
        .isZero();
    assertThat(server.app().attributeNames()).startsWith("city", "sex");
  }

  @Test
  void empty_lists_of_tags_and_attributes_change_nothing_but_unknown_accounts_are_named() {
    long version = member("u").version();
    assertThat(add("[]").path("ErrorCode").asInt()).isZero();
    assertThat(
            server.push(
                "im_set_attr",
                "{\"UserAttrs\":[{\"To_Account\":\"u\",\"Attrs\":{}},{\"To_Account\":\"v\",\"Attrs\":{}}]}"))
        .contains("\"ErrorCode\":0,\"ErrorList\":[{\"To_Account\":\"v\",\"ErrorCode\":70107");
    assertThat(member("u").version()).isEqualTo(version);
  }

  @Test
  void an_account_that_comes_twice_is_changed_in_order_and_reported_once() {
    String answer =
        server.push(
            "im_add_tag",
            "{\"UserTags\":[{\"To_Account\":\"v\",\"Tags\":[\"a\"]},{\"To_Account\":\"u\",\"Tags\":[\"b\"]},"
                + "{\"To_Account\":\"v\",\"Tags\":[\"c\"]},{\"To_Account\":\"u\",\"Tags\":[\"a\"]}]}");
    assertThat(TencentServer.json(answer).path("ErrorList").size()).isEqualTo(1);
    assertThat(member("u").tags()).containsExactly("b", "a");
  }

  @Test
  void with_automatic_import_no_account_is_unknown() {
    server.limit("tencentAutoImport", "true");
    assertThat(server.push("im_get_tag", "{\"To_Account\":[\"v\"]}"))
        .contains("\"UserTags\":[{\"To_Account\":\"v\",\"Tags\":[]}]")
        .doesNotContain("ErrorList");
    assertThat(server.member(server.app(), "v")).as("reading registers nobody").isEmpty();
    server.push("im_add_tag", "{\"To_Account\":\"v\",\"Tags\":[\"a\"]}");
    assertThat(member("v").tags()).containsExactly("a");
    assertThat(
            server.code(
                "all_member_push/im_add_tag",
                "{\"To_Account\":\"" + "v".repeat(33) + "\",\"Tags\":[\"a\"]}"))
        .isEqualTo(70_402);
  }

  @ParameterizedTest
  @CsvSource({"x, 32", "名, 10", "😀, 8"})
  void a_user_id_has_up_to_32_bytes_or_as_many_as_are_set(String character, int times) {
    String fits = character.repeat(times);
    assertThat(importing(fits)).isZero();
    assertThat(importing(fits + "xxx")).isEqualTo(70_402);
    server.limit("tencent.userId", "1000");
    assertThat(importing(fits + "xxx")).isZero();
    assertThat(importing("x".repeat(65))).as("never more than 64").isEqualTo(70_402);
  }

  private int importing(String id) {
    return server.code("im_open_login_svc/account_import", "{\"UserID\":\"" + id + "\"}");
  }

  @Test
  void members_that_cannot_be_named_here_stay_as_they_are() {
    String id = "m".repeat(33);
    server
        .node()
        .propose(
            TestNode.change(
                MemberChange.newBuilder()
                    .setId(id)
                    .setRegister(MemberEdit.newBuilder().addAddTags("a"))));
    for (String command : List.of("im_remove_all_tags", "im_get_tag", "im_get_attr")) {
      assertThat(server.code("all_member_push/" + command, "{\"To_Account\":[\"" + id + "\"]}"))
          .isEqualTo(70_402);
    }
    assertThat(
            server.answer(
                "im_open_login_svc/account_delete",
                "{\"DeleteItem\":[{\"UserID\":\"" + id + "\"}]}"))
        .contains("\"ResultCode\":70402");
    assertThat(member(id).tags()).containsExactly("a");
  }

  @Test
  void importing_again_changes_the_given_profile_and_keeps_the_rest() {
    server.answer(
        "im_open_login_svc/account_import",
        "{\"UserID\":\"u\",\"Nick\":\"n\",\"FaceUrl\":\"http://x\"}");
    add("[\"a\"]");
    server.answer("im_open_login_svc/account_import", "{\"UserID\":\"u\",\"FaceUrl\":\"\"}");
    assertThat(member("u").nickName()).isEqualTo("n");
    assertThat(member("u").portrait()).isEmpty();
    assertThat(member("u").tags()).containsExactly("a");
  }

  @Test
  void a_deleted_account_that_returns_has_nothing_of_what_it_had() {
    add("[\"a\"]");
    set("f");
    int ordinal = member("u").ordinal();
    server.answer("im_open_login_svc/account_delete", "{\"DeleteItem\":[{\"UserID\":\"u\"}]}");
    assertThat(server.member(server.app(), "u")).isEmpty();
    server.accounts("u");
    assertThat(member("u").tags()).isEmpty();
    assertThat(member("u").attributes()).isEmpty();
    assertThat(member("u").ordinal()).isNotEqualTo(ordinal);
  }

  @Test
  void the_cap_of_members_holds_for_new_ones_alone() {
    server.limit("members", "1");
    assertThat(importing("v")).isEqualTo(70_398);
    assertThat(importing("u")).isZero();
    assertThat(
            server.answer("im_open_login_svc/multiaccount_import", "{\"Accounts\":[\"u\",\"v\"]}"))
        .contains("\"FailAccounts\":[\"v\"]");
    server.limit("members", "0");
    assertThat(importing("v")).isZero();
  }
}
