package dev.fanfare.tencent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.fanfare.app.LimitsProfile;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.audience.AudienceText;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Everyone;
import dev.fanfare.schema.Expire;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.Release;
import dev.fanfare.schema.SetAttributeNames;
import dev.fanfare.schema.StartBroadcast;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the newer family has beyond the older one.
class TimpushTest {
  private static final String INFO = ",\"OfflinePushInfo\":{\"Title\":\"t\",\"Desc\":\"d\"}";

  private TencentServer server = new TencentServer();

  @AfterEach
  void close() {
    server.close();
  }

  private JsonNode call(String command, String body) {
    return TencentServer.json(server.answer("timpush/" + command, body));
  }

  private int code(String command, String body) {
    return call(command, body).path("ErrorCode").asInt(-1);
  }

  private JsonNode push(int random, String more) {
    return call("push", "{\"MsgRandom\":" + random + INFO + more + "}");
  }

  private Broadcast sent(JsonNode answer) {
    assertThat(answer.path("ErrorCode").asInt(-1)).as("%s", answer).isZero();
    return Task.find(server.broadcasts(), server.app(), answer.path("TaskId").asText())
        .orElseThrow();
  }

  private static String delivered(Broadcast sent) {
    return new String(TencentMessage.deliver(sent), StandardCharsets.UTF_8);
  }

  private int revoke(String task) {
    return code("revoke", "{\"TaskId\":\"" + task + "\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"TagsNot\":[\"a\"]} | not tag:a",
        "{\"TagsNot\":[\"a\",\"b\"]} | not (tag:a and tag:b)",
        "{\"TagsOr\":[\"a\",\"b\"],\"TagsNot\":[\"c\",\"d\"]} | (tag:a or tag:b) and not (tag:c and"
            + " tag:d)",
        "[{\"TagsNot\":[\"c\"]},{\"TagsAnd\":[\"a\",\"b\"]}] | (tag:a and tag:b) and not tag:c"
      })
  void tags_not_excludes_who_has_all_of_them(String condition, String expected) {
    Broadcast sent = sent(push(1, ",\"Condition\":" + condition));
    assertThat(AudienceText.print(AudienceSchema.decode(sent.audience()))).isEqualTo(expected);
  }

  @Test
  void without_a_message_devices_get_what_phones_would_show_and_keep_it_for_a_week() {
    Broadcast sent = sent(push(7, ",\"DataId\":\"secret\",\"MsgLifeTime\":5"));
    assertThat(sent.lifetimeSeconds()).isEqualTo(604_800);
    assertThat(delivered(sent))
        .contains("\"MsgRandom\":7", INFO, "\"MsgLifeTime\":604800")
        .doesNotContain("MsgBody", "DataId", "secret", "Batch");
    String text = ",\"MsgBody\":[{\"MsgType\":\"TIMTextElem\",\"MsgContent\":{\"Text\":\"x\"}}]";
    Broadcast chat = sent(push(8, text + ",\"OnlineOnlyFlag\":1"));
    assertThat(chat.lifetimeSeconds()).isZero();
    assertThat(delivered(chat)).contains(text, INFO);
  }

  @Test
  void a_batch_goes_to_its_accounts_that_exist_and_costs_no_push_of_the_day() {
    server.limit("tencentDailyPushes", "1");
    server.limit("tencentPushIntervalMillis", "1000");
    server.accounts("a", "b", "c");
    String batch = "{\"MsgRandom\":1,\"To_Account\":[\"c\",\"a\",\"nobody\",\"a\"]" + INFO + "}";
    for (int i = 0; i < 3; i++) {
      Broadcast sent = sent(call("batch", batch.replace("1,", 10 + i + ",")));
      assertThat(sent.counters().recipients()).isEqualTo(2);
      assertThat(delivered(sent)).contains("\"TaskId\":\"batch_1400000000_");
    }
    assertThat(push(1, "").path("ErrorCode").asInt()).isZero();
    assertThat(push(2, "").path("ErrorCode").asInt()).isEqualTo(90_024);
  }

  @Test
  void the_families_share_interval_and_quota() {
    server.limit("tencentDailyPushes", "1");
    String body = "{\"MsgRandom\":1,\"MsgBody\":[{\"MsgType\":\"TIMFaceElem\",\"MsgContent\":{}}]}";
    assertThat(server.push("im_push", body)).contains("\"ErrorCode\":0");
    assertThat(push(1, "").path("ErrorCode").asInt()).isEqualTo(90_047);
  }

  @Test
  void documented_rates_hold_and_the_last_second_is_forgotten() {
    server.close();
    server = new TencentServer(LimitsProfile.DOCUMENTED);
    server.accounts("a");
    String batch = "{\"MsgRandom\":1,\"To_Account\":[\"a\"]" + INFO + "}";
    for (int i = 0; i < 10; i++) {
      assertThat(code("batch", batch)).isZero();
    }
    assertThat(code("batch", batch)).isEqualTo(60_007);
    assertThat(revoke("none")).isEqualTo(90_049);
    assertThat(revoke("none")).isEqualTo(90_051);
    for (String report : List.of("statistics", "loss", "trace")) {
      assertThat(code("all_member_push_" + report, "{}")).isEqualTo(90_001);
      assertThat(code("all_member_push_" + report, "{}")).as(report).isEqualTo(60_007);
    }
    server.nanos.addAndGet(1_000_000_001L);
    assertThat(revoke("none")).isEqualTo(90_049);
    assertThat(code("batch", batch)).isZero();
  }

  @Test
  void replacing_removes_the_tags_that_are_not_named() {
    server.accounts("a");
    code("add_tag", "{\"To_Account\":\"a\",\"Tags\":[\"x\",\"y\"]}");
    assertThat(code("add_tag", "{\"Replace\":0,\"To_Account\":\"a\",\"Tags\":[\"z\"]}")).isZero();
    assertThat(tags("a")).containsExactly("x", "y", "z");
    server.push("im_add_tag", "{\"Replace\":1,\"To_Account\":\"a\",\"Tags\":[\"v\"]}");
    assertThat(tags("a")).as("the older family knows no Replace").hasSize(4);
    code("add_tag", "{\"Replace\":1,\"To_Account\":\"a\",\"Tags\":[\"w\",\"x\",\"w\"]}");
    assertThat(tags("a")).containsExactly("w", "x");
    assertThat(code("clear_all_tags", "{\"To_Account\":[\"a\"]}")).isZero();
    assertThat(tags("a")).isEmpty();
  }

  private List<String> tags(String account) {
    return server.member(server.app(), account).orElseThrow().tags();
  }

  @Test
  void the_type_of_an_attribute_stays_while_it_has_a_name() {
    String device = "{\"AttrNames\":{\"3\":\"device\"}";
    assertThat(code("set_attr_name", device + ",\"AttrTypes\":{\"3\":1}}")).isZero();
    assertThat(code("set_attr_name", device.replace("device", "phone") + "}")).isZero();
    assertThat(code("set_attr_name", device + ",\"AttrTypes\":{\"3\":1}}")).isZero();
    assertThat(code("set_attr_name", device + ",\"AttrTypes\":{\"3\":0}}")).isEqualTo(90_033);
    server.restart();
    assertThat(call("get_attr_name", "{}").at("/AttrTypes/3").asInt()).isEqualTo(1);
    assertThat(server.push("im_get_attr_name", "{}")).doesNotContain("AttrTypes");
    server
        .node()
        .propose(
            Command.newBuilder()
                .setApp(1)
                .setSetAttributeNames(
                    SetAttributeNames.newBuilder().addAllNames(Collections.nCopies(10, "")))
                .build());
    assertThat(code("set_attr_name", device + ",\"AttrTypes\":{\"3\":0}}")).isZero();
    assertThat(call("get_attr_name", "{}").at("/AttrTypes/3").asInt(-1)).isZero();
  }

  @Test
  void a_paced_push_that_is_revoked_is_released_to_nobody_more() {
    server.accounts("a", "b", "c");
    server.limit("tencentPacePerSecond", "1");
    JsonNode answer = push(1, "");
    Broadcast running = sent(answer);
    assertThat(running.state()).isEqualTo(BroadcastState.RUNNING);
    assertThat(running.counters().released()).isEqualTo(1);
    assertThat(revoke(answer.path("TaskId").asText())).isZero();
    server.clock.advance(Duration.ofSeconds(5));
    server
        .node()
        .propose(
            Command.newBuilder()
                .setApp(1)
                .setRelease(Release.newBuilder().setBroadcast(running.number()).setSlice(1))
                .build());
    Broadcast revoked = sent(answer);
    assertThat(revoked.state()).isEqualTo(BroadcastState.RECALLED);
    assertThat(revoked.counters().released()).isEqualTo(1);
    assertThat(new String(TencentMessage.withdraw(revoked), StandardCharsets.UTF_8))
        .isEqualTo("{\"TaskId\":\"" + answer.path("TaskId").asText() + "\"}");
  }

  private Broadcast start(String id, long startAt) {
    StartBroadcast.Builder start =
        StartBroadcast.newBuilder()
            .setId(id)
            .setFormat(Format.NATIVE)
            .setMessage(ByteString.copyFromUtf8("{\"body\":1}"))
            .setLifetimeSeconds(60)
            .setStartAt(startAt)
            .setPace(1)
            .setAudience(AudienceNode.newBuilder().setEveryone(Everyone.getDefaultInstance()));
    server.node().propose(Command.newBuilder().setApp(1).setStartBroadcast(start).build());
    return server.broadcasts().find(1, id).orElseThrow();
  }

  @Test
  void a_broadcast_of_any_dialect_is_a_task_by_its_id() {
    server.accounts("a", "b");
    start("b-native", 0);
    String statistics = "{\"StartTime\":1704067200,\"EndTime\":1704067200,\"TaskID\":";
    assertThat(total(statistics + "[\"b-native\"]}")).isEqualTo(2);
    assertThat(total(statistics + "[]}")).as("the sum is of this dialect's own").isZero();
    assertThat(revoke("b-native")).isZero();
    assertThat(revoke("b-native")).isEqualTo(90_050);
  }

  private int total(String body) {
    return call("all_member_push_statistics", body).at("/Results/0/TotalCount").asInt(-1);
  }

  @Test
  void what_has_not_started_or_has_expired_cannot_be_revoked() {
    server.accounts("a", "b");
    start("b-later", Long.MAX_VALUE);
    assertThat(revoke("b-later")).isEqualTo(90_049);
    long expired = start("b-expired", 0).number();
    server.clock.advance(Duration.ofSeconds(61));
    server
        .node()
        .propose(
            Command.newBuilder()
                .setApp(1)
                .setExpire(Expire.newBuilder().setBroadcast(expired))
                .build());
    assertThat(revoke("b-expired")).isEqualTo(90_052);
  }

  @Test
  void a_task_of_another_app_does_not_exist() {
    JsonNode answer = push(1, "");
    String task = answer.path("TaskId").asText();
    dev.fanfare.app.App other =
        server.tenants().byTencentSdkAppId(TencentServer.SDK_APP_ID + 1).orElseThrow();
    assertThat(Task.find(server.broadcasts(), other, task)).isEmpty();
    assertThat(Task.find(server.broadcasts(), server.app(), task)).isPresent();
  }
}
