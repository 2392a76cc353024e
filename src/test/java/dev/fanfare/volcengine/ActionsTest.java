package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.fanfare.app.App;
import dev.fanfare.app.DeviceTokens;
import dev.fanfare.http.NoAnswerException;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.member.Member;
import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.DuplicateKey;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.StartBroadcast;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What each action proposes or reads, and how it words what became of that.
class ActionsTest {
  private static final String LONG_NAME = "n".repeat(101);
  private static final String BROADCAST =
      "{\"AppId\":123456,\"Content\":\"{\\\"text\\\":\\\"hello"
          + " 世界\\\"}\",\"Ext\":{\"message_ext\":\"123\"},"
          + "\"InboxType\":0,\"MsgTTL\":300,\"MsgType\":10001,\"Sender\":900000001,\"TagOp\":0,"
          + "\"Tags\":[\"vip\"]}";

  private final FakeServer server = new FakeServer();

  @Test
  void nothing_failed_is_worded_as_each_document_has_it() {
    String users = "{\"AppId\":123456,\"Users\":[{\"UserId\":1}]}";
    String ids = "{\"AppId\":123456,\"UserIds\":[1],\"Tags\":[\"a\"]}";
    assertThat(server.result("RegisterUsers", users)).isEqualTo("{}");
    assertThat(server.result("BatchUpdateUser", users)).isEqualTo("{\"FailedInfos\":[]}");
    assertThat(server.result("BatchUpdateUserTags", ids)).isEqualTo("{}");
    assertThat(server.result("UnRegisterUsers", ids)).isEqualTo("{}");
    assertThat(server.proposed).allMatch(command -> command.getApp() == 1);
  }

  @Test
  void failures_of_validation_and_of_the_journal_are_merged_in_the_order_of_the_request() {
    refuse(
        new Refusal.TooManyRobots(5_000),
        null,
        new Refusal.TooManyTags(100),
        new Refusal.TooManyTerms(9));
    String body =
        "{\"AppId\":123456,\"Users\":[{\"UserId\":1,\"NickName\":\"%s\"},{\"UserId\":2},{\"UserId\":3},{\"UserId\":4},{\"UserId\":5,\"NickName\":\"%s\"},{\"UserId\":6}]}"
            .formatted(LONG_NAME, LONG_NAME);
    assertThat(server.result("RegisterUsers", body))
        .isEqualTo(
            """
            {"FailedInfos":[\
            {"UserId":"1","Code":"InvalidParam","Message":"Users[0].NickName must have at most 100 characters."},\
            {"UserId":"2","Code":"RobotMoreThanLimit","Message":"The app would have more than 5000 robots."},\
            {"UserId":"4","Code":"InvalidParam","Message":"Tags would exceed 100 for the user."},\
            {"UserId":"5","Code":"InvalidParam","Message":"Users[4].NickName must have at most 100 characters."},\
            {"UserId":"6","Code":"InvalidParam","Message":"Tags would exceed 9 distinct ones in the app."}]}\
            """);
  }

  @Test
  void an_unknown_user_is_worded_as_documented_with_a_number() {
    String expected =
        "{\"FailedInfos\":[{\"UserId\":9007199254740993,\"Code\":\"UserNotFound\",\"Message\":\"UserisNotFound\"}]}";
    String users = "{\"AppId\":123456,\"Users\":[{\"UserId\":9007199254740993},{\"UserId\":2}]}";
    String ids = "{\"AppId\":123456,\"UserIds\":[9007199254740993,2],\"Tags\":[\"a\"]}";
    refuse(new Refusal.MemberNotFound(), null);
    assertThat(server.result("BatchUpdateUser", users)).isEqualTo(expected);
    assertThat(server.result("BatchUpdateUserTags", ids)).isEqualTo(expected);
    assertThat(server.result("UnRegisterUsers", ids)).isEqualTo(expected);
  }

  @Test
  void the_go_sdk_gets_numbers_from_register_users() {
    refuse(new Refusal.TooManyRobots(1));
    Request request =
        FakeServer.with(
            FakeServer.signed("RegisterUsers", "{\"AppId\":123456,\"Users\":[{\"UserId\":7}]}"),
            "x-im-sdk-version",
            "Golang-V1.0.1");
    assertThat(FakeServer.text(server.face().answer(request))).contains("[{\"UserId\":7,");
  }

  @Test
  void when_every_user_is_invalid_nothing_is_proposed() {
    String body =
        "{\"AppId\":123456,\"Users\":[{\"UserId\":1,\"NickName\":\"" + LONG_NAME + "\"}]}";
    assertThat(server.result("BatchUpdateUser", body)).contains("\"UserId\":1,");
    assertThat(server.proposed).isEmpty();
  }

  @Test
  void profiles_come_in_the_order_of_the_request_with_every_field() {
    Map<String, String> ext = new TreeMap<>(Map.of("key", "value"));
    server.members.put(
        "10001",
        new Member(
            "10001",
            0,
            "n",
            "http://x",
            List.of("age", "level"),
            Map.of("city", "x"),
            ext,
            false,
            1690977217576L,
            1690977217876L,
            5));
    server.members.put(
        "9007199254740993",
        new Member("9007199254740993", 1, "", "", List.of(), Map.of(), Map.of(), true, 1, 1, 6));
    assertThat(
            server.result(
                "BatchGetUser",
                "{\"AppId\":123456,\"UserIds\":[9007199254740993,10002,10001,10002]}"))
        .isEqualTo(
            """
            {"Users":[{"AppId":123456,"UserId":9007199254740993,"NickName":"","Portrait":"","Tags":[],"Ext":{},"CreateTime":1,"ModifyTime":1,"IsRobot":true},\
            {"AppId":123456,"UserId":10001,"NickName":"n","Portrait":"http://x","Tags":["age","level"],"Ext":{"key":"value"},"CreateTime":1690977217576,"ModifyTime":1690977217876,"IsRobot":false}],"NotFoundUsers":[10002]}\
            """);
  }

  @Test
  void a_broadcast_is_proposed_with_its_message_audience_and_keys() {
    Request request = FakeServer.signed("UserBroadcast", BROADCAST);
    Response response = server.face().answer(request);
    StartBroadcast start = server.start();
    assertThat(FakeServer.text(response)).endsWith(",\"Result\":{}}");
    assertThat(response.headers()).containsEntry("X-Fanfare-Broadcast", start.getId());
    assertThat(start.getId()).matches("b-[0-9a-f]{16}");
    assertThat(start.getFormat()).isEqualTo(Format.VOLCENGINE);
    assertThat(start.getSender()).isEqualTo("900000001");
    assertThat(start.getLifetimeSeconds()).isEqualTo(300);
    assertThat(start.getAudience()).isEqualTo(tag("vip"));
    assertThat(start.getStartAt() + start.getPace()).isZero();
    assertThat(start.getMessage().toStringUtf8())
        .isEqualTo(
            """
            {"AppId":123456,"MsgType":10001,"Content":"{\\"text\\":\\"hello 世界\\"}","Sender":900000001,"Ext":{"message_ext":"123"},"InboxType":0,"MsgTTL":300}\
            """);
    String signature = request.header("authorization").orElseThrow().split("Signature=", 2)[1];
    assertThat(start.getDuplicateKeysList())
        .containsExactly(
            DuplicateKey.newBuilder()
                .setKind(DuplicateKey.Kind.SIGNATURE)
                .setKey(hash("AK\n" + signature))
                .setUntil(FakeServer.NOW.plus(Duration.ofMinutes(16)).toEpochMilli())
                .build(),
            DuplicateKey.newBuilder()
                .setKind(DuplicateKey.Kind.BODY)
                .setKey(hash("AK\n" + BROADCAST))
                .build());
  }

  @Test
  void a_signature_is_remembered_for_as_long_as_it_is_valid() {
    Map<String, String> query = new LinkedHashMap<>(FakeServer.query("UserBroadcast"));
    for (var row : Map.of("60", 960L, "900", 960L, "1200", 1_260L, "9999", 3_660L).entrySet()) {
      server.proposed.clear();
      query.put("X-Expires", row.getKey());
      server.face().answer(FakeServer.SIGNER.request(query, BROADCAST, FakeServer.NOW));
      assertThat(server.start().getDuplicateKeys(0).getUntil())
          .isEqualTo(FakeServer.NOW.toEpochMilli() + 1_000 * row.getValue());
    }
  }

  @Test
  void a_repeated_broadcast_answers_with_the_id_of_the_first() {
    server.outcomes = _ -> new Outcome.Started("b-first", true);
    Response response = server.answer("UserBroadcast", BROADCAST);
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.headers()).containsEntry("X-Fanfare-Broadcast", "b-first");
  }

  @Test
  void the_audience_is_everyone_any_tag_or_all_tags() {
    AudienceNode everyone = audience("null", 1);
    assertThat(everyone.hasEveryone()).isTrue();
    assertThat(audience("[]", 1)).isEqualTo(everyone);
    assertThat(audience("[\"a\"]", 1)).isEqualTo(tag("a"));
    assertThat(audience("[\"a\",\"a\"]", 0)).isEqualTo(tag("a"));
    AudienceNode any = audience("[\"b\",\"a\",\"b\"]", 0);
    assertThat(any.getAny().getPartsList()).containsExactly(tag("b"), tag("a"));
    AudienceNode all = audience("[\"b\",\"a\"]", 1);
    assertThat(all.getAll().getPartsList()).containsExactly(tag("b"), tag("a"));
  }

  private AudienceNode audience(String tags, int op) {
    server.proposed.clear();
    server.answer(
        "UserBroadcast",
        BROADCAST.replace("[\"vip\"]", tags).replace("\"TagOp\":0", "\"TagOp\":" + op));
    return server.start().getAudience();
  }

  private static AudienceNode tag(String name) {
    return AudienceNode.newBuilder().setTag(name).build();
  }

  @Test
  void too_many_live_broadcasts_are_beyond_the_flow_limit() {
    server.outcomes = _ -> new Outcome.Refused(new Refusal.TooManyLiveBroadcasts(1_000));
    assertThat(server.error("UserBroadcast", BROADCAST))
        .isEqualTo(
            "429 100018 FlowLimitExceeded: Request was rejected because the app already has 1000"
                + " live broadcasts.");
  }

  @Test
  void what_the_journal_did_not_take_is_to_be_tried_again() {
    server.outcomes =
        _ -> {
          throw new TryAgainException("queue full");
        };
    for (String action : List.of("UserBroadcast", "UnRegisterUsers")) {
      assertThat(server.error(action, BROADCAST.replace("\"Tags\"", "\"UserIds\":[1],\"Tags\"")))
          .startsWith("503 100019 ServiceUnavailableTemp: ")
          .doesNotContain("queue");
    }
  }

  @Test
  void what_may_or_may_not_take_effect_has_no_answer() {
    server.outcomes =
        _ -> {
          throw new OutcomeUnknownException("Kafka is away");
        };
    assertThatThrownBy(() -> server.answer("UserBroadcast", BROADCAST))
        .isInstanceOf(NoAnswerException.class);
  }

  @Test
  void an_outcome_that_cannot_be_is_a_bug() {
    server.outcomes = _ -> new Outcome.Done();
    assertThatThrownBy(() -> server.answer("UserBroadcast", BROADCAST))
        .isInstanceOf(IllegalStateException.class);
    refuse(new Refusal.NotDue());
    assertThatThrownBy(() -> server.answer("UnRegisterUsers", "{\"AppId\":123456,\"UserIds\":[1]}"))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void a_token_is_a_device_token_of_the_app_for_registered_and_other_users() {
    long expires = FakeServer.NOW.toEpochMilli() + 60_999;
    var result =
        FakeServer.json(
                server.answer(
                    "GetAppToken",
                    "{\"AppId\":123456,\"UserId\":10001,\"ExpireTime\":" + expires + "}"))
            .path("Result");
    assertThat(result.toString()).startsWith("{\"AppId\":123456,\"UserId\":10001,\"Token\":\"");
    App app = server.tenants().byVolcengineAppId(123456).orElseThrow();
    long now = FakeServer.NOW.getEpochSecond();
    assertThat(
            DeviceTokens.verify(app, result.path("Token").asText(), now)
                .map(DeviceTokens.Verified::claims))
        .contains(new DeviceTokens.Claims("10001", now, now + 60));
  }

  private void refuse(@Nullable Refusal... refusals) {
    server.outcomes =
        _ -> new Outcome.Members(Arrays.stream(refusals).map(Optional::ofNullable).toList());
  }

  private static ByteString hash(String text) {

    return ByteString.copyFrom(Hashes.sha256(Hashes.utf8(text)));
  }
}
