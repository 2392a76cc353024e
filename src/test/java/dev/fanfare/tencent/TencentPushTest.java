package dev.fanfare.tencent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.app.LimitsProfile;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.audience.AudienceText;
import dev.fanfare.broadcast.Broadcast;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// im_push: whom a condition selects, what is kept of it, how often it may be.
class TencentPushTest {
  private static final String TEXT =
      "[{\"MsgType\":\"TIMTextElem\",\"MsgContent\":{\"Text\":\"x\"}}]";

  private TencentServer server = new TencentServer();

  @AfterEach
  void close() {
    server.close();
  }

  private static String body(int random, String more) {
    return "{\"MsgRandom\":" + random + ",\"MsgBody\":" + TEXT + more + "}";
  }

  private JsonNode push(int random, String more) {
    return TencentServer.json(server.push("im_push", body(random, more)));
  }

  private int code(int random) {
    return push(random, "").path("ErrorCode").asInt(-1);
  }

  private Broadcast sent(JsonNode answer) {
    assertThat(answer.path("ErrorCode").asInt(-1)).as("%s", answer).isZero();
    long number = Long.parseLong(answer.path("TaskId").asText().split("_", -1)[1]);
    return server.node().replica().broadcasts().find(number).orElseThrow();
  }

  private int broadcasts() {
    return server.memory.table(dev.fanfare.store.Table.BROADCAST).size();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "| everyone",
        "null | everyone",
        "{} | everyone",
        "[] | everyone",
        "[{}] | everyone",
        "{\"TagsOr\":[\"a\"]} | tag:a",
        "{\"TagsOr\":[\"a\",\"b\",\"a\"]} | tag:a or tag:b",
        "{\"TagsAnd\":[\"a\",\"b\"]} | tag:a and tag:b",
        "{\"TagsAnd\":[\"c\"],\"TagsOr\":[\"a\",\"b\"]} | (tag:a or tag:b) and tag:c",
        "[{\"TagsAnd\":[\"c\"]},{\"TagsOr\":[\"a\",\"b\"]}] | (tag:a or tag:b) and tag:c",
        "{\"AttrsOr\":{\"sex\":\"f\",\"city\":\"ny\"}} | sex=f or city=ny",
        "{\"AttrsAnd\":{\"sex\":\"f\",\"city\":1.50}} | sex=f and city=1.50",
        "{\"AttrsAnd\":{\"sex\":\"f\"},\"AttrsOr\":{\"city\":\"ny\"}} | city=ny and sex=f"
      })
  void a_condition_is_an_audience(String condition, String expected) {
    server.push("im_set_attr_name", "{\"AttrNames\":{\"0\":\"sex\",\"1\":\"city\"}}");
    String more = condition == null ? "" : ",\"Condition\":" + condition;
    Broadcast sent = sent(push(1, more));
    assertThat(AudienceText.print(AudienceSchema.decode(sent.audience()))).isEqualTo(expected);
  }

  @Test
  void both_parts_have_to_hold() {
    server.accounts("or", "and", "both", "neither");
    tag("or", "a");
    tag("and", "c");
    tag("both", "b\",\"c");
    Broadcast sent = sent(push(1, ",\"Condition\":{\"TagsOr\":[\"a\",\"b\"],\"TagsAnd\":[\"c\"]}"));
    assertThat(sent.counters().recipients()).isEqualTo(1);
    assertThat(sent(push(2, "")).counters().recipients()).isEqualTo(4);
  }

  private void tag(String account, String tags) {
    server.push("im_add_tag", "{\"To_Account\":\"" + account + "\",\"Tags\":[\"" + tags + "\"]}");
  }

  /// Some are written back with more characters than they were read with.
  @ParameterizedTest
  @CsvSource({"12.%se9, 997", "%se9, 999", "-0.%se-999, 996", "%s, 1000", "1.10, 0"})
  void the_longest_numbers_are_delivered(String form, int digits) {
    String number = form.formatted("123456789".repeat(112).substring(0, digits));
    Broadcast sent = sent(TencentServer.json(server.push("im_push", located(number))));
    String delivered = new String(TencentMessage.deliver(sent), StandardCharsets.UTF_8);
    Matcher latitude = Pattern.compile("\"Latitude\":([^}]+)}").matcher(delivered);
    assertThat(latitude.find()).isTrue();
    assertThat(new BigDecimal(latitude.group(1))).isEqualTo(new BigDecimal(number));
  }

  @ParameterizedTest
  @ValueSource(strings = {"10e2147483647", "1e10000", "1e-10000", "1e99999999999"})
  void a_number_that_could_not_be_read_again_is_refused(String number) {
    assertThat(server.code("all_member_push/im_push", located(number))).isEqualTo(90_001);
    assertThat(broadcasts()).isZero();
  }

  private static String located(String latitude) {
    return "{\"MsgRandom\":1,\"MsgBody\":[{\"MsgType\":\"TIMLocationElem\",\"MsgContent\":{\"Latitude\":"
        + latitude
        + "}}]}";
  }

  @Test
  void a_push_begins_at_one_of_the_accounts() throws Exception {
    server.accounts("a", "b", "c");
    Set<Integer> pivots = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      assertThat(code(i)).isZero();
      server.clock.advance(Duration.ofSeconds(2));
    }
    for (byte[] stored : server.memory.table(dev.fanfare.store.Table.BROADCAST).values()) {
      pivots.add(dev.fanfare.schema.BroadcastRecord.parseFrom(stored).getPivot());
    }
    assertThat(pivots).containsExactlyInAnyOrder(0, 1, 2);
  }

  @Test
  void a_message_is_delivered_as_it_was_received() {
    String elements =
        "[{\"MsgType\":\"TIMLocationElem\",\"MsgContent\":{\"Desc\":\"哪里\",\"Latitude\":29.340656774469956,"
            + "\"Longitude\":1.10,\"Deep\":[[1e400,2.50,123456789012345678901234567890]],\"Null\":null}},"
            + "{\"MsgType\":\"TIMCustomElem\",\"MsgContent\":{\"Data\":\"\\u0000😀\"}}]";
    String offline = "{\"PushFlag\":1,\"Ext\":\"{}\",\"Own\":{\"x\":1}}";
    String body =
        "{\"From_Account\":\"root\",\"MsgRandom\":56512,\"MsgLifeTime\":120,\"MsgBody\":"
            + elements
            + ",\"OfflinePushInfo\":"
            + offline
            + ",\"Unknown\":1}";
    JsonNode answer = TencentServer.json(server.push("im_push", body));
    Broadcast sent = sent(answer);
    assertThat(new String(TencentMessage.deliver(sent), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"TaskId\":\""
                + answer.path("TaskId").asText()
                + "\",\"From_Account\":\"root\",\"MsgRandom\":56512,\"MsgSeq\":0,"
                + "\"MsgTime\":1704067200,\"MsgKey\":\"0_56512_1704067200\",\"MsgBody\":"
                + elements.replace("1e400", "1E+400")
                + ",\"MsgLifeTime\":120,\"OfflinePushInfo\":"
                + offline
                + "}");
    assertThat(sent.lifetimeSeconds()).isEqualTo(120);
    assertThat(sent.sender()).isEqualTo("root");
    assertThat(sent.format()).isEqualTo(dev.fanfare.schema.Format.TENCENT);
  }

  @Test
  void without_a_sender_it_is_the_administrator_and_without_a_lifetime_it_is_momentary() {
    Broadcast sent = sent(push(1, ""));
    assertThat(sent.sender()).isEqualTo("administrator");
    assertThat(sent.lifetimeSeconds()).isZero();
    assertThat(sent.expires()).isZero();
    assertThat(new String(TencentMessage.deliver(sent), StandardCharsets.UTF_8))
        .doesNotContain("OfflinePushInfo")
        .contains("\"MsgLifeTime\":0");
  }

  @Test
  void an_equal_push_is_the_same_task_within_the_window_and_over_a_restart() {
    JsonNode first = push(7, "");
    server.clock.advance(Duration.ofSeconds(59));
    server.restart();
    assertThat(push(7, "")).isEqualTo(first);
    assertThat(broadcasts()).isEqualTo(1);
    server.clock.advance(Duration.ofMillis(1_001));
    assertThat(push(7, "").path("TaskId")).isNotEqualTo(first.path("TaskId"));
    assertThat(broadcasts()).isEqualTo(2);
  }

  @Test
  void another_random_body_or_sender_is_another_task() {
    server.accounts("a");
    Set<String> tasks = new HashSet<>();
    for (String more : new String[] {"", " ", ",\"MsgLifeTime\":1", ",\"From_Account\":\"a\""}) {
      tasks.add(push(7, more).path("TaskId").asText());
    }
    tasks.add(push(8, "").path("TaskId").asText());
    assertThat(tasks).hasSize(5).doesNotContain("");
  }

  @Test
  void the_same_bytes_of_two_administrators_are_two_tasks() {
    JsonNode first = push(7, "");
    String sig =
        dev.fanfare.app.UserSig.make(server.app(), "root", TencentServer.NOW.getEpochSecond(), 60)
            .orElseThrow();
    String query = "sdkappid=1400000000&identifier=root&usersig=" + sig;
    var response =
        server
            .face()
            .answer(TencentServer.request("/v4/all_member_push/im_push", query, body(7, "")));
    JsonNode second = TencentServer.json(TencentServer.text(response));
    assertThat(second.path("ErrorCode").asInt(-1)).isZero();
    assertThat(second.path("TaskId")).isNotEqualTo(first.path("TaskId"));
  }

  @Test
  void the_window_is_a_setting() {
    server.limit("tencentWindowSeconds", "1");
    JsonNode first = push(7, "");
    server.clock.advance(Duration.ofSeconds(2));
    assertThat(push(7, "").path("TaskId")).isNotEqualTo(first.path("TaskId"));
    server.limit("tencentWindowSeconds", "604800");
    JsonNode second = push(8, "");
    server.clock.advance(Duration.ofDays(7));
    assertThat(pushLater(8)).isEqualTo(second);
  }

  /// With a UserSig of now.
  private JsonNode pushLater(int random) {
    String sig =
        dev.fanfare.app.UserSig.make(
                server.app(), "administrator", server.clock.instant().getEpochSecond(), 60)
            .orElseThrow();
    String query = "sdkappid=1400000000&identifier=administrator&usersig=" + sig;
    return TencentServer.json(
        TencentServer.text(
            server
                .face()
                .answer(
                    TencentServer.request(
                        "/v4/all_member_push/im_push", query, body(random, "")))));
  }

  @Test
  void pushes_are_more_than_a_second_apart_over_a_restart_too() {
    server.close();
    server = new TencentServer(LimitsProfile.DOCUMENTED);
    assertThat(code(1)).isZero();
    server.clock.advance(Duration.ofSeconds(1));
    server.restart();
    assertThat(code(2)).isEqualTo(90_024);
    assertThat(code(1)).as("a repetition meets no interval").isZero();
    server.clock.advance(Duration.ofMillis(1));
    assertThat(code(2)).isZero();
    assertThat(code(3)).isEqualTo(90_024);
    assertThat(broadcasts()).isEqualTo(2);
  }

  @Test
  void a_refused_push_costs_nothing() {
    server.limit("tencentPushIntervalMillis", "1000");
    server.limit("tencentDailyPushes", "1");
    assertThat(push(1, ",\"Condition\":{\"AttrsOr\":{\"none\":\"x\"}}").path("ErrorCode").asInt())
        .isEqualTo(90_033);
    assertThat(code(2)).isZero();
    assertThat(push(3, ",\"Condition\":{\"AttrsOr\":{\"none\":\"x\"}}").path("ErrorCode").asInt())
        .as("fields before interval and quota")
        .isEqualTo(90_033);
    assertThat(code(2)).isZero();
  }

  @Test
  void a_day_of_china_has_a_quota_that_a_restart_keeps() {
    server.limit("tencentDailyPushes", "2");
    assertThat(code(1)).isZero();
    assertThat(code(2)).isZero();
    server.restart();
    assertThat(code(3)).isEqualTo(90_047);
    assertThat(code(2)).as("a repetition meets no quota").isZero();
    server.clock.advance(Duration.ofHours(16).minusMillis(1));
    assertThat(code(3)).as("8 hours after midnight UTC it is 8 in the morning").isEqualTo(90_047);
    server.clock.advance(Duration.ofMillis(1));
    assertThat(code(3)).as("midnight in China").isZero();
    server.limit("tencentDailyPushes", "1");
    assertThat(code(4)).isEqualTo(90_047);
    server.limit("tencentDailyPushes", "0");
    assertThat(code(4)).isZero();
  }

  @Test
  void the_strict_profile_allows_100_pushes_a_day() {
    server.close();
    server = new TencentServer(LimitsProfile.STRICT);
    for (int i = 0; i < 100; i++) {
      assertThat(code(i)).isZero();
      server.clock.advance(Duration.ofMillis(1_001));
    }
    assertThat(code(100)).isEqualTo(90_047);
  }
}
