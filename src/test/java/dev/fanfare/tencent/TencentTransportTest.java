package dev.fanfare.tencent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.http.Request;
import dev.fanfare.schema.ChangeApp;
import dev.fanfare.schema.Networks;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What holds for every command: query, method, path, body, order of checks, rates.
class TencentTransportTest {
  private static final String GET = "/v4/all_member_push/im_get_attr_name";
  private static final String OF_XIAOMING =
      "eJyrVgrxCdZLrSjILEpVsjIzMLEwMNABi5WlFilZKRnpGShB*MUp2YkFBZkpSlaGJgZQAJHJTEnNK8lMywRrqMhMzM-NzEuH6cpMBwqWmERlWrhkJRuUmXpke4WmVoVrJyZ5l7jlBwQFG5qa5Lr4eUdFlJb6GeX52kI1lmTmAh1kaG5gYmBmbmRgUAsAmLcx-g__";

  private final TencentServer server = new TencentServer();

  @AfterEach
  void close() {
    server.close();
  }

  private int code(String path, String query, String body) {
    return server.code(TencentServer.request(path, query, body));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "contenttype=json&random=1&usersig=SIG&identifier=administrator&sdkappid=1400000000",
        "usersig=SIG&sdkappid=1400000000&random=1&contenttype=json&identifier=administrator",
        "sdkappid=1400000000&identifier=administrator&usersig=SIG",
        "sdkappid=1400000000&identifier=admini%73trator&usersig=SIG&servicename=x&&=&y",
        "sdkappid=1400000000&identifier=administrator&usersig=SIG&random=-1",
        "sdkappid=1400000000&identifier=administrator&usersig=SIG&random=123456789012345678901",
        "sdkappid=1400000000&identifier=administrator&usersig=SIG&random=x&contenttype=",
        "sdkappid=1400000000&identifier=administrator&usersig=SIG&sdkappid=7"
      })
  void a_query_in_any_order_with_any_random_and_more_is_accepted(String query) {
    assertThat(code(GET, query.replace("SIG", TencentServer.USER_SIG), "{}")).isZero();
    String encoded = TencentServer.USER_SIG.replace("*", "%2A").replace("_", "%5f");
    assertThat(encoded).isNotEqualTo(TencentServer.USER_SIG);
    assertThat(code(GET, query.replace("SIG", encoded), "{}")).isZero();
  }

  @Test
  void a_query_is_decoded_once() {
    String twice = TencentServer.USER_SIG.replace("*", "%252A");
    assertThat(code(GET, TencentServer.query().replace(TencentServer.USER_SIG, twice), "{}"))
        .isEqualTo(70_003);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",
        "text/plain"
      })
  void the_content_type_of_a_request_does_not_matter(String type) {
    Request plain = TencentServer.call("all_member_push/im_get_attr_name", "{}");
    Request typed =
        new Request(
            "POST",
            plain.path(),
            plain.query(),
            Map.of("content-type", List.of(type)),
            plain.body(),
            "127.0.0.1");
    assertThat(server.code(typed)).isZero();
  }

  @Test
  void every_answer_is_json_with_status_200_and_the_three_keys() {
    for (String path : List.of(GET, "/v4/none", "/v4", "/v4/openim/querystate")) {
      var response = server.face().answer(TencentServer.request(path, "", ""));
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.headers())
          .containsEntry("Content-Type", "application/json; charset=utf-8");
      assertThat(TencentServer.json(TencentServer.text(response)).properties())
          .extracting(Map.Entry::getKey)
          .containsExactly("ActionStatus", "ErrorInfo", "ErrorCode");
    }
  }

  @Test
  void a_body_over_the_nodes_cap_is_refused_in_the_commands_terms() {
    assertThat(server.face().maxBodyBytes()).isEqualTo(1 << 20);
    assertThat(tooLarge("all_member_push/im_push")).isEqualTo(90_056);
    assertThat(tooLarge("all_member_push/im_add_tag")).isEqualTo(90_001);
    assertThat(tooLarge("im_open_login_svc/account_import")).isEqualTo(60_003);
    assertThat(tooLarge("nothing")).isEqualTo(60_009);
  }

  @Test
  void a_body_without_room_may_be_sent_again() {
    for (String command : List.of("all_member_push/im_push", "nothing")) {
      var response = server.face().busy(TencentServer.call(command, ""));
      assertThat(TencentServer.text(response)).contains("try again", "\"ActionStatus\":\"FAIL\"");
    }
    var response = server.face().busy(TencentServer.call("all_member_push/im_push", ""));
    assertThat(TencentServer.text(response)).contains("\"ErrorCode\":91000");
  }

  private int tooLarge(String command) {
    var response = server.face().tooLarge(TencentServer.call(command, ""));
    assertThat(response.status()).isEqualTo(200);
    return TencentServer.json(TencentServer.text(response)).path("ErrorCode").asInt();
  }

  @Test
  void a_request_with_every_fault_meets_the_checks_one_after_the_other() {
    server.limit("rates.im_add_tag", "1");
    server.change(
        ChangeApp.newBuilder().setTencentCallers(Networks.newBuilder().addNetworks("10.0.0.0/8")));
    String path = "/v4/all_member_push/im_add_tag";
    String query = "contenttype=xml";
    assertThat(code("/v4/all_member_push/none", query, "{")).isEqualTo(60_009);
    Request get =
        new Request("GET", path, query, Map.of(), "{".getBytes(StandardCharsets.UTF_8), "1.2.3.4");
    assertThat(server.code(get)).isEqualTo(60_002);
    assertThat(code(path, query, "{")).isEqualTo(60_002);
    assertThat(code(path, "x=1", "{")).isEqualTo(60_012);
    assertThat(code(path, "sdkappid=-1", "{")).isEqualTo(60_006);
    assertThat(code(path, "sdkappid=5", "{")).isEqualTo(70_020);
    assertThat(code(path, "sdkappid=1400000000", "{")).isEqualTo(60_021);
    server.change(ChangeApp.newBuilder().setTencentCallers(Networks.getDefaultInstance()));
    assertThat(code(path, "sdkappid=1400000000", "{")).isEqualTo(60_004);
    String named = "sdkappid=1400000000&identifier=xiaoming";
    assertThat(code(path, named, "{")).isEqualTo(70_002);
    assertThat(code(path, named + "&usersig=x", "{")).isEqualTo(70_003);
    assertThat(code(path, named + "&usersig=" + TencentServer.USER_SIG, "{")).isEqualTo(70_013);
    String believed = named + "&usersig=" + OF_XIAOMING;
    server.change(ChangeApp.newBuilder().setDisabled(true));
    assertThat(code(path, believed, "{")).isEqualTo(90_009);
    assertThat(code(path, TencentServer.query(), "{")).isEqualTo(60_016);
    server.change(ChangeApp.newBuilder().setDisabled(false));
    assertThat(code(path, TencentServer.query(), "{")).isEqualTo(90_001);
    assertThat(code(path, TencentServer.query(), "{")).as("the rate").isEqualTo(60_007);
  }

  @Test
  void a_rate_is_the_apps_and_the_commands() {
    server.limit("rates.query_online_status", "2");
    server.accounts("a");
    String body = "{\"To_Account\":[\"a\"]}";
    assertThat(server.code("openim/query_online_status", body)).isZero();
    assertThat(server.code("openim/querystate", body)).as("the same command").isZero();
    assertThat(server.code("openim/query_online_status", body)).isEqualTo(60_007);
    assertThat(server.code("openim/querystate", body)).isEqualTo(60_007);
    assertThat(server.code("all_member_push/im_get_tag", body)).as("another").isZero();
    server.nanos.addAndGet(500_000_000);
    assertThat(server.code("openim/querystate", body)).as("half a second later").isZero();
    assertThat(server.code("openim/querystate", body)).isEqualTo(60_007);
  }

  @Test
  void every_command_but_the_pushes_to_all_has_a_documented_rate() {
    for (Action action : Action.values()) {
      assertThat(dev.fanfare.app.AppLimit.named("rates." + action.rate()).isPresent())
          .as(action.path())
          .isEqualTo(action != Action.IM_PUSH && action != Action.PUSH);
    }
  }

  @Test
  void bad_signatures_of_an_address_are_counted_for_a_minute() {
    TencentFace face = server.face(server.journal(), new TencentFace.Settings(1 << 20, 2));
    String bad = TencentServer.query().replace("eJw1", "eJw2");
    for (int i = 0; i < 2; i++) {
      assertThat(code(face, bad, "1.2.3.4")).isEqualTo(70_003);
      assertThat(code(face, TencentServer.query().replace("administrator", "x"), "1.2.3.4"))
          .as("rightly signed, so not counted")
          .isIn(70_013, 70_050);
    }
    assertThat(code(face, bad, "1.2.3.4")).isEqualTo(70_050);
    assertThat(code(face, TencentServer.query(), "1.2.3.4")).as("a good one beside them").isZero();
    assertThat(code(face, bad, "1.2.3.5")).as("another address").isEqualTo(70_003);
    assertThat(code(face, bad, "2001:db8::1")).isEqualTo(70_003);
    assertThat(code(face, bad, "2001:db8::2")).isEqualTo(70_003);
    assertThat(code(face, bad, "2001:db8::3")).as("another of one network").isEqualTo(70_050);
    server.nanos.addAndGet(59_000_000_000L);
    assertThat(code(face, bad, "1.2.3.4")).isEqualTo(70_050);
    server.nanos.addAndGet(2_000_000_000L);
    assertThat(code(face, bad, "1.2.3.4")).isEqualTo(70_003);
  }

  private static int code(TencentFace face, String query, String address) {
    byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
    var response = face.answer(new Request("POST", GET, query, Map.of(), body, address));
    return TencentServer.json(TencentServer.text(response)).path("ErrorCode").asInt();
  }

  @Test
  void an_app_may_be_called_from_its_networks_alone() {
    server.change(
        ChangeApp.newBuilder()
            .setTencentCallers(
                Networks.newBuilder().addNetworks("10.1.0.0/16").addNetworks("2001:db8::/32")));
    for (String allowed : List.of("10.1.2.3", "2001:db8:7::1")) {
      assertThat(code(server.face(), TencentServer.query(), allowed)).as(allowed).isZero();
    }
    for (String other : List.of("10.2.0.1", "127.0.0.1", "2001:db9::1", "")) {
      assertThat(code(server.face(), TencentServer.query(), other)).as(other).isEqualTo(60_021);
    }
  }

  @Test
  void administrators_are_those_of_the_app_as_it_is_now() {
    String query = TencentServer.query().replace("administrator", "xiaoming");
    query = query.replace(TencentServer.USER_SIG, OF_XIAOMING);
    assertThat(code(GET, query, "{}")).isEqualTo(90_009);
    server.change(
        ChangeApp.newBuilder()
            .setTencentAdministrators(
                dev.fanfare.schema.Administrators.newBuilder().addNames("xiaoming")));
    assertThat(code(GET, query, "{}")).isZero();
    assertThat(code(GET, TencentServer.query(), "{}")).isEqualTo(90_009);
  }
}
