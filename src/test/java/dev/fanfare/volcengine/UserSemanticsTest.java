package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What the actions do to users, over a real journal and replica.
class UserSemanticsTest {
  private static final String FULL =
      "{\"UserId\":1,\"NickName\":\"n\",\"Portrait\":\"p\",\"Tags\":[\"a\",\"b\"],\"Ext\":{\"k\":\"v\"}}";

  private LiveServer server = new LiveServer();

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void a_user_who_is_registered_again_keeps_what_is_not_given_and_the_time_of_creation() {
    register(FULL);
    JsonNode first = user(1);
    assertThat(first.path("ModifyTime").asLong()).isEqualTo(first.path("CreateTime").asLong());
    server.clock.advance(Duration.ofSeconds(1));
    register("{\"UserId\":1,\"NickName\":\"m\"}");
    JsonNode second = user(1);
    assertThat(second.path("NickName").asText()).isEqualTo("m");
    assertThat(second.path("Portrait").asText()).isEqualTo("p");
    assertThat(second.path("Tags")).isEqualTo(first.path("Tags"));
    assertThat(second.path("Ext")).isEqualTo(first.path("Ext"));
    assertThat(second.path("CreateTime")).isEqualTo(first.path("CreateTime"));
    assertThat(second.path("ModifyTime").asLong())
        .isEqualTo(first.path("ModifyTime").asLong() + 1_000);
  }

  @Test
  void a_user_who_was_unregistered_comes_back_as_a_fresh_one() {
    register(FULL);
    long created = user(1).path("CreateTime").asLong();
    result("UnRegisterUsers", "{\"AppId\":123456,\"UserIds\":[1]}");
    assertThat(read(1).path("NotFoundUsers").toString()).isEqualTo("[1]");
    server.clock.advance(Duration.ofSeconds(1));
    register("{\"UserId\":1}");
    JsonNode fresh = user(1);
    assertThat(fresh.path("CreateTime").asLong()).isEqualTo(created + 1_000);
    assertThat(fresh.path("NickName").asText()).isEmpty();
    assertThat(fresh.path("Tags")).isEmpty();
    assertThat(fresh.path("Ext")).isEmpty();
  }

  @Test
  void apps_are_name_spaces_of_their_own() {
    register(FULL);
    assertThat(
            result("BatchGetUser", "{\"AppId\":1,\"UserIds\":[1]}")
                .path("NotFoundUsers")
                .toString())
        .isEqualTo("[1]");
  }

  @Test
  void robots_have_a_quota_and_a_user_may_become_one_and_cease_to_be() {
    server.close();
    server = new LiveServer(UnaryOperator.identity(), limits -> limits.setRobots(1));
    register("{\"UserId\":1,\"IsRobot\":true}");
    assertThat(user(1).path("IsRobot").asBoolean()).isTrue();
    assertThat(
            result("RegisterUsers", Bodies.users("{\"UserId\":2,\"IsRobot\":true},{\"UserId\":3}"))
                .at("/FailedInfos/0/Code")
                .asText())
        .isEqualTo("RobotMoreThanLimit");
    assertThat(read(2).path("Users")).isEmpty();
    assertThat(user(3).path("IsRobot").asBoolean()).isFalse();
    register("{\"UserId\":1}");
    assertThat(user(1).path("IsRobot").asBoolean()).as("not given").isTrue();
    register("{\"UserId\":1,\"IsRobot\":false}");
    register("{\"UserId\":2,\"IsRobot\":true}");
  }

  @Test
  void an_update_replaces_what_is_given_and_clears_what_is_empty() {
    register(FULL);
    update("{\"UserId\":1,\"Ext\":{\"l\":\"w\"},\"Tags\":[\"c\"],\"IsRobot\":true}");
    assertThat(user(1).path("Ext").toString()).isEqualTo("{\"l\":\"w\"}");
    assertThat(user(1).path("Tags").toString()).isEqualTo("[\"c\"]");
    assertThat(user(1).path("IsRobot").asBoolean()).as("not of this action").isFalse();
    assertThat(user(1).path("NickName").asText()).isEqualTo("n");
    update("{\"UserId\":1,\"NickName\":\"\",\"Portrait\":\"\",\"Tags\":[],\"Ext\":{}}");
    JsonNode cleared = user(1);
    assertThat(cleared.path("NickName").asText() + cleared.path("Portrait").asText()).isEmpty();
    assertThat(cleared.path("Tags")).isEmpty();
    assertThat(cleared.path("Ext")).isEmpty();
  }

  @Test
  void what_changes_nothing_leaves_the_time_of_modification() {
    register(FULL);
    JsonNode before = user(1);
    server.clock.advance(Duration.ofSeconds(1));
    update("{\"UserId\":1}");
    editTags("0", "[\"a\"]");
    editTags("1", "[\"z\"]");
    assertThat(user(1)).isEqualTo(before);
    editTags("1", "[\"a\"]");
    assertThat(user(1).path("ModifyTime").asLong())
        .isEqualTo(before.path("ModifyTime").asLong() + 1_000);
  }

  @Test
  void of_two_items_for_one_user_the_later_one_wins() {
    register("{\"UserId\":1,\"NickName\":\"first\"},{\"UserId\":1,\"NickName\":\"second\"}");
    assertThat(user(1).path("NickName").asText()).isEqualTo("second");
  }

  @Test
  void a_value_over_its_limit_leaves_every_field_of_its_user_as_it_was() {
    register(FULL);
    JsonNode before = user(1);
    String item = "{\"UserId\":1,\"NickName\":\"new\",\"Portrait\":\"" + "p".repeat(501) + "\"}";
    assertThat(result("BatchUpdateUser", Bodies.users(item)).at("/FailedInfos/0/Code").asText())
        .isEqualTo("InvalidParam");
    assertThat(user(1)).isEqualTo(before);
  }

  @Test
  void neither_a_registered_sender_nor_a_receiver_is_needed() {
    assertThat(server.sent()).isZero();
    result("UserBroadcast", Bodies.broadcast("Tags", "[\"nobody\"]"));
    assertThat(server.sent()).isEqualTo(1);
  }

  private void register(String items) {
    assertThat(result("RegisterUsers", Bodies.users(items)).has("FailedInfos")).isFalse();
  }

  private void update(String items) {
    assertThat(result("BatchUpdateUser", Bodies.users(items)).path("FailedInfos")).isEmpty();
  }

  private void editTags(String op, String tags) {
    assertThat(result("BatchUpdateUserTags", Bodies.tagEdit(",\"Op\":" + op, tags))).isEmpty();
  }

  private JsonNode user(long id) {
    return read(id).at("/Users/0");
  }

  private JsonNode read(long id) {
    return result("BatchGetUser", "{\"AppId\":123456,\"UserIds\":[" + id + "]}");
  }

  private JsonNode result(String action, String body) {
    JsonNode answer = FakeServer.json(server.answer(action, body));
    assertThat(answer.has("Result")).as("%s", answer).isTrue();
    return answer.path("Result");
  }
}
