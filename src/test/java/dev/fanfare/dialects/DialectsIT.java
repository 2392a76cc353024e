package dev.fanfare.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.tencentyun.TLSSigAPIv2;
import com.volcengine.model.im.BatchGetUserBody;
import com.volcengine.model.im.GetAppTokenBody;
import com.volcengine.model.im.RegisterUsersBody;
import com.volcengine.model.im.RegisterUsersBodyUsersItem;
import com.volcengine.model.im.UserBroadcastBody;
import com.volcengine.service.im.ImService;
import dev.fanfare.PackagedServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One registry behind two dialects: what one vendor's client does, the other's sees, and devices
/// get what either of them sends.
class DialectsIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir static Path data;

  private static PackagedServer server;
  private static JsonNode volcengine;
  private static JsonNode tencent;

  @BeforeAll
  static void start() {
    server = PackagedServer.start(data, "--limits-profile", "open");
    JsonNode app = server.credentials().path("apps").path(0);
    volcengine = app.path("volcengine");
    tencent = app.path("tencent");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void registered_by_one_tagged_by_the_other_selected_by_both() throws Exception {
    register(20_001L, "小明", List.of("shared"));
    try (Device device = device(token(20_001L))) {
      assertThat(device.next("hello").path("member").asText()).isEqualTo("20001");
      device.next("caught-up");

      assertThat(tencent("all_member_push/im_get_tag", "{\"To_Account\":[\"20001\"]}"))
          .contains("\"Tags\":[\"shared\"]");
      tencent(
          "all_member_push/im_add_tag",
          "{\"UserTags\":[{\"To_Account\":\"20001\",\"Tags\":[\"from-tencent\"]}]}");
      broadcast("over volcengine", "from-tencent");
      JsonNode first = device.next("broadcast");
      assertThat(first.path("format").asText()).isEqualTo("volcengine");
      assertThat(first.at("/message/Content").asText()).isEqualTo("over volcengine");

      String answer =
          tencent(
              "all_member_push/im_push",
              "{\"MsgRandom\":5,\"Condition\":{\"TagsAnd\":[\"shared\",\"from-tencent\"]},"
                  + "\"MsgBody\":[{\"MsgType\":\"TIMTextElem\",\"MsgContent\":{\"Text\":\"over tencent\"}}]}");
      JsonNode second = device.next("broadcast");
      assertThat(second.path("format").asText()).isEqualTo("tencent");
      assertThat(second.path("from").asText()).isEqualTo("administrator");
      assertThat(second.has("expiresAt")).as("MsgLifeTime 0").isFalse();
      assertThat(second.at("/message/MsgBody/0/MsgContent/Text").asText())
          .isEqualTo("over tencent");
      assertThat(second.at("/message/TaskId").asText())
          .isEqualTo(JSON.readTree(answer).path("TaskId").asText());
      assertThat(second.at("/message").has("To_Account")).isFalse();
    }
    try (Device late = device(token(20_001L))) {
      late.next("hello");
      JsonNode missed = late.next("broadcast");
      assertThat(missed.path("format").asText()).isEqualTo("volcengine");
      assertThat(late.next().path("type").asText())
          .as("what had no lifetime is not caught up")
          .isEqualTo("caught-up");
    }
  }

  @Test
  void each_dialect_reaches_the_devices_of_both_kinds() throws Exception {
    register(20_004L, "n", List.of());
    tencent("im_open_login_svc/account_import", "{\"UserID\":\"20005\"}");
    tencent(
        "all_member_push/im_add_tag",
        "{\"UserTags\":[{\"To_Account\":\"20004\",\"Tags\":[\"both\"]}]}");
    register(20_005L, "n", List.of("both"));
    for (long member : List.of(20_004L, 20_005L)) {
      try (Device first = device(token(member));
          Device second = device(userSig(Long.toString(member)))) {
        List<Device> devices = List.of(first, second);
        for (Device device : devices) {
          assertThat(device.next("hello").path("member").asText()).isEqualTo(Long.toString(member));
          device.until("caught-up");
        }
        broadcast("v" + member, "both");
        tencent(
            "all_member_push/im_push",
            "{\"MsgRandom\":%d,\"MsgLifeTime\":60,\"Condition\":{\"TagsOr\":[\"both\"]},"
                    .formatted(member)
                + "\"MsgBody\":[{\"MsgType\":\"TIMTextElem\",\"MsgContent\":{\"Text\":\"t\"}}]}");
        for (Device device : devices) {
          assertThat(device.next("broadcast").at("/message/Content").asText())
              .isEqualTo("v" + member);
          assertThat(device.next("broadcast").at("/message/MsgRandom").asLong()).isEqualTo(member);
        }
      }
    }
  }

  @Test
  void kicked_account_loses_its_devices_and_their_credentials_but_may_come_back() throws Exception {
    String sig = userSig("kicked");
    try (Device device = device(sig)) {
      device.next("hello");
      assertThat(tencent("im_open_login_svc/account_check", check("kicked")))
          .as("logging in registers")
          .contains("\"AccountStatus\":\"Imported\"");
      assertThat(tencent("openim/query_online_status", "{\"To_Account\":[\"kicked\"]}"))
          .contains("\"Status\":\"Online\"");
      tencent("im_open_login_svc/kick", "{\"UserID\":\"kicked\"}");
      assertThat(device.closeCode()).isEqualTo(4001);
    }
    assertThatThrownBy(() -> device(sig))
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            e -> assertThat(e.getResponse().statusCode()).isEqualTo(401));
    awaitNextSecond();
    try (Device device = device(userSig("kicked"))) {
      device.next("hello");
    }
  }

  private static String check(String account) {
    return "{\"CheckItem\":[{\"UserID\":\"" + account + "\"}]}";
  }

  /// Signatures have whole seconds; those of the second of a kick are refused.
  private static void awaitNextSecond() throws InterruptedException {
    long second = System.currentTimeMillis() / 1_000;
    while (System.currentTimeMillis() / 1_000 == second) {
      Thread.sleep(10);
    }
  }

  @Test
  void imported_by_tencent_is_a_user_of_volcengine() throws Exception {
    tencent(
        "im_open_login_svc/account_import",
        "{\"UserID\":\"20002\",\"Nick\":\"n\",\"FaceUrl\":\"http://x\"}");
    tencent("im_open_login_svc/account_import", "{\"UserID\":\"anna\"}");
    BatchGetUserBody body = new BatchGetUserBody();
    body.setAppId(volcengine.path("appId").asInt());
    body.setUserIds(List.of(20_002L));
    var user = sdk().batchGetUser(body).getResult().getUsers().getFirst();
    assertThat(user.getNickName()).isEqualTo("n");
    assertThat(user.getPortrait()).isEqualTo("http://x");
    tencent("im_open_login_svc/account_delete", "{\"DeleteItem\":[{\"UserID\":\"20002\"}]}");
    assertThat(sdk().batchGetUser(body).getResult().getNotFoundUsers()).containsExactly(20_002L);
  }

  @Test
  void tencent_attributes_survive_a_volcengine_update() throws Exception {
    tencent("all_member_push/im_set_attr_name", "{\"AttrNames\":{\"0\":\"city\"}}");
    register(20_003L, "before", List.of("a"));
    tencent(
        "all_member_push/im_set_attr",
        "{\"UserAttrs\":[{\"To_Account\":\"20003\",\"Attrs\":{\"city\":\"ny\"}}]}");
    register(20_003L, "after", List.of("b"));
    assertThat(tencent("all_member_push/im_get_attr", "{\"To_Account\":[\"20003\"]}"))
        .contains("\"Attrs\":{\"city\":\"ny\"}");
    assertThat(tencent("all_member_push/im_get_tag", "{\"To_Account\":[\"20003\"]}"))
        .contains("\"Tags\":[\"b\"]");
  }

  private static ImService sdk() {
    ImService sdk = ImService.getInstance();
    sdk.setAccessKey(volcengine.path("accessKey").asText());
    sdk.setSecretKey(volcengine.path("secretKey").asText());
    sdk.setScheme("http");
    sdk.setHost("127.0.0.1:" + server.apiPort());
    return sdk;
  }

  private static void register(long id, String nick, List<String> tags) throws Exception {
    RegisterUsersBodyUsersItem user = new RegisterUsersBodyUsersItem();
    user.setUserId(id);
    user.setNickName(nick);
    user.setTags(tags);
    user.setExt(Map.of());
    RegisterUsersBody body = new RegisterUsersBody();
    body.setAppId(volcengine.path("appId").asInt());
    body.setUsers(List.of(user));
    assertThat(sdk().registerUsers(body).getResponseMetadata().getError()).isNull();
  }

  private static void broadcast(String content, String tag) throws Exception {
    UserBroadcastBody body = new UserBroadcastBody();
    body.setAppId(volcengine.path("appId").asInt());
    body.setSender(1L);
    body.setMsgType(10_001);
    body.setMsgTTL(300L);
    body.setContent(content);
    body.setTags(List.of(tag));
    assertThat(sdk().userBroadcast(body).getResponseMetadata().getError()).isNull();
  }

  /// The answer to a call of the Tencent dialect that succeeds.
  private static String tencent(String command, String body) throws Exception {
    long sdkAppId = tencent.path("sdkAppId").asLong();
    String administrator = tencent.path("administrator").asText();
    String query =
        "?sdkappid=%d&identifier=%s&usersig=%s"
            .formatted(sdkAppId, administrator, userSig(administrator));
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.apiPort() + "/v4/" + command + query))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    String answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
    assertThat(JSON.readTree(answer).path("ErrorCode").asInt(-1)).as(answer).isZero();
    return answer;
  }

  /// A device token from the Volcengine dialect.
  private static String token(long member) throws Exception {
    GetAppTokenBody body = new GetAppTokenBody();
    body.setAppId(volcengine.path("appId").asInt());
    body.setUserId(member);
    body.setExpireTime(System.currentTimeMillis() + 600_000);
    return sdk().getAppToken(body).getResult().getToken();
  }

  private static Device device(String credential) {
    return Device.connect(server.gatewayPort(), tencent.path("sdkAppId").asLong(), credential);
  }

  private static String userSig(String account) {
    String secret = tencent.path("secretKey").asText();
    return new TLSSigAPIv2(tencent.path("sdkAppId").asLong(), secret).genUserSig(account, 600);
  }
}
