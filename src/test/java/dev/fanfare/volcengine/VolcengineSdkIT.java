package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.volcengine.model.im.BatchGetUserBody;
import com.volcengine.model.im.BatchGetUserResResult;
import com.volcengine.model.im.BatchUpdateUserBody;
import com.volcengine.model.im.BatchUpdateUserItem;
import com.volcengine.model.im.BatchUpdateUserTagsBody;
import com.volcengine.model.im.GetAppTokenBody;
import com.volcengine.model.im.QueryOnlineResultItem;
import com.volcengine.model.im.QueryOnlineStatusBody;
import com.volcengine.model.im.RegisterUsersBody;
import com.volcengine.model.im.RegisterUsersBodyUsersItem;
import com.volcengine.model.im.UnRegisterUsersBody;
import com.volcengine.model.im.UserBroadcastBody;
import com.volcengine.service.im.ImService;
import dev.fanfare.PackagedServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The official Java SDK, and hand-made requests where it cannot misbehave, against the packaged
/// server.
class VolcengineSdkIT {
  private static final long WITNESS = 7_000_000_001L;
  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir static Path data;

  private static PackagedServer server;
  private static int appId;
  private static String accessKey;
  private static String secretKey;

  @BeforeAll
  static void start() throws Exception {
    server = PackagedServer.start(data);
    JsonNode keys = server.credentials().path("apps").path(0).path("volcengine");
    appId = keys.path("appId").asInt();
    accessKey = keys.path("accessKey").asText();
    secretKey = keys.path("secretKey").asText();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void register_the_witness() throws Exception {
    assertThat(register(user(WITNESS, "witness", Map.of("k", "v"), "a", "b"))).isEmpty();
  }

  @Test
  void users_are_registered_read_changed_and_unregistered() throws Exception {
    Map<String, String> shared = Map.of("key", "值 \"quoted\" 😀");
    assertThat(
            register(
                user(9_007_199_254_740_993L, "用户 1", shared, "level:1", "城市:北京"),
                user(900_000_002L, "用户 2", shared)))
        .isEmpty();
    var read = read(900_000_002L, 900_001_000L, 9_007_199_254_740_993L);
    assertThat(read.getNotFoundUsers()).containsExactly(900_001_000L);
    assertThat(read.getUsers())
        .extracting(u -> u.getUserId())
        .containsExactly(900_000_002L, 9_007_199_254_740_993L);
    var second = read.getUsers().get(1);
    assertThat(second.getAppId()).isEqualTo(appId);
    assertThat(second.getNickName()).isEqualTo("用户 1");
    assertThat(second.getPortrait()).isEqualTo("http://example.com/p.png?a=1&b=2");
    assertThat(second.getTags()).containsExactly("level:1", "城市:北京");
    assertThat(second.getExt()).isEqualTo(shared);
    assertThat(second.getCreateTime()).isEqualTo(second.getModifyTime()).isPositive();
    assertThat(read.getUsers().get(0).getExt()).as("sent by reference").isEqualTo(shared);

    var updated = sdk().batchUpdateUser(update(900_000_002L, "new name", List.of("level:2")));
    assertThat(updated.getResult().getFailedInfos()).isEmpty();
    var after = read(900_000_002L).getUsers().getFirst();
    assertThat(after.getNickName()).isEqualTo("new name");
    assertThat(after.getTags()).containsExactly("level:2");
    assertThat(after.getExt()).isEqualTo(shared);

    assertThat(sdk().batchUpdateUser(update(900_000_002L, null, null)).getResult().getFailedInfos())
        .isEmpty();
    assertThat(read(900_000_002L).getUsers().getFirst().getModifyTime())
        .as("an update of nothing")
        .isEqualTo(after.getModifyTime());

    assertThat(unregister(900_000_002L, 9_007_199_254_740_993L)).isEmpty();
    assertThat(unregister(900_000_002L)).containsExactly("900000002 UserNotFound UserisNotFound");
    assertThat(read(900_000_002L).getNotFoundUsers()).containsExactly(900_000_002L);
  }

  @Test
  void tags_are_appended_and_deleted_and_unknown_users_named() throws Exception {
    register(user(910_000_001L, "n", Map.of(), "a"));
    assertThat(editTags(0, List.of("b", "a"), 910_000_001L, 910_009_999L))
        .containsExactly("910009999 UserNotFound UserisNotFound");
    assertThat(read(910_000_001L).getUsers().getFirst().getTags()).containsExactly("a", "b");
    assertThat(editTags(1, List.of("a", "c"), 910_000_001L)).isEmpty();
    assertThat(read(910_000_001L).getUsers().getFirst().getTags()).containsExactly("b");
    assertThat(read(910_009_999L).getUsers()).isEmpty();
  }

  @Test
  void a_user_has_at_most_100_tags() throws Exception {
    String[] tags = IntStream.range(0, 100).mapToObj(i -> "t" + i).toArray(String[]::new);
    assertThat(register(user(911_000_001L, "n", Map.of(), tags))).isEmpty();
    assertThat(editTags(0, List.of("t0", "t99"), 911_000_001L)).isEmpty();
    assertThat(editTags(0, List.of("t100"), 911_000_001L))
        .singleElement()
        .asString()
        .startsWith("911000001 InvalidParam ");
    assertThat(read(911_000_001L).getUsers().getFirst().getTags()).containsExactly(tags);
  }

  @Test
  void a_broadcast_has_an_empty_result_and_a_token_three_parts() throws Exception {
    UserBroadcastBody body = new UserBroadcastBody();
    body.setAppId(appId);
    body.setSender(900_000_001L);
    body.setMsgType(10_001);
    body.setMsgTTL(300L);
    body.setContent("{\"text\":\"hello 世界\"}");
    body.setTags(List.of("vip", "tag1:v1"));
    body.setTagOp(1);
    body.setExt(Map.of("message_ext", "123"));
    var answer = sdk().userBroadcast(body);
    assertThat(answer.getResponseMetadata().getError()).isNull();
    assertThat(answer.getResponseMetadata().getAction()).isEqualTo("UserBroadcast");
    assertThat(answer.getResult()).isEmpty();

    GetAppTokenBody token = new GetAppTokenBody();
    token.setAppId(appId);
    token.setUserId(WITNESS);
    token.setExpireTime(System.currentTimeMillis() + 3_600_000);
    var minted = sdk().getAppToken(token).getResult();
    assertThat(minted.getUserId()).isEqualTo(WITNESS);
    assertThat(minted.getToken().split("\\.", -1)).hasSize(3);
  }

  @Test
  void a_user_is_online_while_a_device_is_connected() throws Exception {
    GetAppTokenBody token = new GetAppTokenBody();
    token.setAppId(appId);
    token.setUserId(WITNESS);
    token.setExpireTime(System.currentTimeMillis() + 3_600_000);
    URI gateway =
        URI.create(
            "ws://127.0.0.1:%d/ws?app=%d&device=77&platform=android&token=%s"
                .formatted(
                    server.gatewayPort(), appId, sdk().getAppToken(token).getResult().getToken()));
    QueryOnlineStatusBody body = new QueryOnlineStatusBody();
    body.setAppId(appId);
    body.setUserIds(List.of(WITNESS, WITNESS + 1));
    assertThat(sdk().queryOnlineStatus(body).getResult().getQueryOnlineResults()).isEmpty();
    WebSocket device =
        HTTP.newWebSocketBuilder().buildAsync(gateway, new WebSocket.Listener() {}).join();
    var online = awaitOnline(body, 1);
    assertThat(online).containsOnlyKeys("" + WITNESS);
    var connection = online.getOrDefault("" + WITNESS, List.of()).getFirst();
    assertThat(connection.getUserId()).isEqualTo(WITNESS);
    assertThat(connection.getDeviceId()).isEqualTo(77);
    assertThat(connection.getPlatform()).isEqualTo("Android");
    assertThat(connection.getClientVersion()).isZero();
    assertThat(connection.getConnId()).isNotEmpty();
    device.abort();
    awaitOnline(body, 0);
  }

  private static Map<String, List<QueryOnlineResultItem>> awaitOnline(
      QueryOnlineStatusBody body, int users) throws Exception {
    Instant deadline = Instant.now().plusSeconds(10);
    var online = sdk().queryOnlineStatus(body).getResult().getQueryOnlineResults();
    while (online.size() != users && Instant.now().isBefore(deadline)) {
      Thread.sleep(20);
      online = sdk().queryOnlineStatus(body).getResult().getQueryOnlineResults();
    }
    assertThat(online).hasSize(users);
    return online;
  }

  @Test
  void a_key_without_a_session_token_takes_calls_with_one() throws Exception {
    ImService withToken = sdk();
    withToken.setSessionToken("STS2anything==");
    assertThat(withToken.unRegisterUsers(removal(9_999L)).getResponseMetadata().getError())
        .isNull();
    ImService wrongSecret = sdk();
    wrongSecret.setSessionToken("STS2anything==");
    wrongSecret.setSecretKey(secretKey + "x");
    assertThatThrownBy(() -> wrongSecret.unRegisterUsers(removal(WITNESS)))
        .hasMessageContaining("SignatureDoesNotMatch");
    assertWitness();
  }

  /// Every header, in the order in which the Go SDK sends them, with a date of today.
  @Test
  void a_request_in_the_form_of_the_go_sdk_is_taken_from_a_socket() throws Exception {
    register(user(931_000_001L, "n", Map.of("k", "v"), "a"));
    String body =
        "{\"AppId\":%d,\"Users\":[{\"Ext\":null,\"NickName\":\"\",\"Portrait\":\"\",\"Tags\":null,\"UserId\":931000001}]}"
            .formatted(appId);
    String host = "127.0.0.1:" + server.apiPort();
    Map<String, String> given =
        Map.of(
            "content-type", "application/json",
            "host", host,
            "x-im-sdk-version", "Golang-V1.0.1",
            "x-security-token", "TOK");
    Map<String, String> query = FakeServer.query("BatchUpdateUser");
    Map<String, String> signed =
        new TestSigner(accessKey, secretKey).headers(query, given, bytes(body), Instant.now());
    String raw =
        String.join(
            "\r\n",
            "POST /?" + TestSigner.query(query) + " HTTP/1.1",
            "Host: " + host,
            "User-Agent: volc-sdk-golang/v1.0.253",
            "Transfer-Encoding: chunked",
            "Accept: application/json",
            "Authorization: " + signed.get("authorization"),
            "Content-Type: application/json",
            "X-Content-Sha256: " + signed.get("x-content-sha256"),
            "X-Date: " + signed.get("x-date"),
            "X-Im-Sdk-Version: Golang-V1.0.1",
            "X-Security-Token: TOK",
            "Accept-Encoding: gzip",
            "",
            Integer.toHexString(bytes(body).length),
            body,
            "0",
            "",
            "");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.apiPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(bytes(raw));
      assertThat(RawMessage.read(socket.getInputStream()))
          .startsWith("HTTP/1.1 200 ")
          .endsWith("\"Result\":{\"FailedInfos\":[]}}");
    }
    var after = read(931_000_001L).getUsers().getFirst();
    assertThat(after.getNickName()).isEmpty();
    assertThat(after.getTags()).containsExactly("a");
    assertThat(after.getExt()).isEqualTo(Map.of("k", "v"));
  }

  @Test
  void a_value_over_its_limit_fails_that_user_alone() throws Exception {
    assertThat(
            register(
                user(920_000_001L, "n".repeat(100), Map.of()),
                user(920_000_002L, "n".repeat(101), Map.of()),
                user(920_000_003L, "n", Map.of("s:k", "v"))))
        .containsExactly("920000002 InvalidParam", "920000003 InvalidParam");
    var read = read(920_000_001L, 920_000_002L, 920_000_003L);
    assertThat(read.getNotFoundUsers()).containsExactly(920_000_002L, 920_000_003L);
  }

  @Test
  void a_wrong_secret_or_access_key_is_refused_with_a_whole_envelope() throws Exception {
    ImService wrongSecret = sdk();
    wrongSecret.setSecretKey(secretKey + "x");
    assertThatThrownBy(() -> wrongSecret.unRegisterUsers(removal(WITNESS)))
        .hasMessageContaining("\"CodeN\":100010")
        .hasMessageContaining("SignatureDoesNotMatch")
        .hasMessageContaining("\"Action\":\"UnRegisterUsers\"");
    ImService wrongKey = sdk();
    wrongKey.setAccessKey("AKNOBODY");
    assertThatThrownBy(() -> wrongKey.unRegisterUsers(removal(WITNESS)))
        .hasMessageContaining("InvalidAccessKey")
        .hasMessageContaining("[AKNOBODY]");
    assertWitness();
  }

  @Test
  void a_stale_or_early_date_is_refused() throws Exception {
    for (Duration age : List.of(Duration.ofMinutes(-16), Duration.ofMinutes(16))) {
      var response = send("UnRegisterUsers", removalJson(), Instant.now().plus(age));
      assertError(response, 400, "InvalidTimestamp");
    }
    assertWitness();
  }

  @Test
  void a_tampered_body_query_or_header_is_refused() throws Exception {
    String signed = "{\"AppId\":" + appId + ",\"UserIds\":[1]}";
    byte[] sent = bytes(removalJson());
    Map<String, String> query = FakeServer.query("UnRegisterUsers");
    Map<String, String> headers = headers(query, bytes(signed), Instant.now());
    assertError(
        post(query, headers, BodyPublishers.ofByteArray(sent)), 401, "SignatureDoesNotMatch");
    Map<String, String> other = FakeServer.query("UnRegisterUsers");
    headers = headers(FakeServer.query("BatchGetUser"), sent, Instant.now());
    assertError(
        post(other, headers, BodyPublishers.ofByteArray(sent)), 401, "SignatureDoesNotMatch");
    headers = headers(query, sent, Instant.now());
    headers.put("content-type", "text/plain");
    assertError(
        post(query, headers, BodyPublishers.ofByteArray(sent)), 401, "SignatureDoesNotMatch");
    assertWitness();
  }

  @Test
  void an_unsigned_request_and_an_unknown_action_are_refused() throws Exception {
    Map<String, String> query = FakeServer.query("UnRegisterUsers");
    assertError(
        post(query, Map.of(), BodyPublishers.ofString(removalJson())),
        401,
        "MissingAuthenticationToken");
    assertError(send("DeleteUsers", removalJson(), Instant.now()), 404, "InvalidActionOrVersion");
    assertError(
        post(Map.of("Action", "UnRegisterUsers"), Map.of(), BodyPublishers.noBody()),
        400,
        "MissingParameter");
    assertWitness();
  }

  @Test
  void another_method_is_refused() throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri("/?Action=X&Version=2020-12-01"));
    assertError(HTTP.send(request.GET().build(), BodyHandlers.ofString()), 405, "MethodNotAllowed");
  }

  @ParameterizedTest
  @CsvSource({
    "RegisterUsers, 21",
    "BatchUpdateUser, 11",
    "UnRegisterUsers, 11",
    "BatchGetUser, 51",
    "BatchUpdateUserTags, 51"
  })
  void a_batch_over_its_limit_changes_nothing(String action, int size) throws Exception {
    boolean items = action.equals("RegisterUsers") || action.equals("BatchUpdateUser");
    String list =
        LongStream.range(WITNESS, WITNESS + size)
            .mapToObj(id -> items ? "{\"UserId\":" + id + ",\"NickName\":\"x\"}" : "" + id)
            .collect(Collectors.joining(","));
    String body =
        "{\"AppId\":%d,\"%s\":[%s],\"Tags\":[\"x\"]}"
            .formatted(appId, items ? "Users" : "UserIds", list);
    assertError(send(action, body, Instant.now()), 400, "InvalidParam");
    assertWitness();
    assertThat(read(WITNESS + 1).getUsers()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "{\"AppId\":", "{}{}", "\ufeff{}", "{'AppId':1}"})
  void malformed_json_is_refused(String body) throws Exception {
    assertError(send("UnRegisterUsers", body, Instant.now()), 400, "JsonParsingError");
    assertWitness();
  }

  @Test
  void an_unknown_app_is_refused() throws Exception {
    String body = removalJson().replace("" + appId, "2147483647");
    assertError(send("UnRegisterUsers", body, Instant.now()), 404, "AppNotFound");
  }

  @Test
  void a_body_over_one_mebibyte_is_refused_and_one_of_that_size_is_read() throws Exception {
    String padding = " ".repeat((1 << 20) - removalJson().length());
    String largest = removalJson().replace("" + WITNESS, "1234567890") + padding;
    assertThat(send("UnRegisterUsers", largest, Instant.now()).body()).contains("UserNotFound");
    var response = send("UnRegisterUsers", removalJson() + padding + " ", Instant.now());
    assertError(response, 413, "InvalidParam");
    assertWitness();
  }

  @Test
  void a_chunked_body_is_read_as_the_go_sdk_sends_it() throws Exception {
    byte[] body =
        bytes(
            "{\"AppId\":%d,\"Users\":[{\"Ext\":null,\"NickName\":\"%s\",\"Tags\":null,\"UserId\":%d}]}"
                .formatted(appId, "n".repeat(101), 930_000_001L));
    Map<String, String> query = FakeServer.query("RegisterUsers");
    Map<String, String> headers = headers(query, body, Instant.now());
    headers.put("X-Im-Sdk-Version", "Golang-V1.0.1");
    var response =
        post(query, headers, BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).contains("\"FailedInfos\":[{\"UserId\":930000001,");
  }

  @Test
  void a_broadcast_that_is_sent_again_is_the_same_one() throws Exception {
    String content = "hello " + System.nanoTime();
    byte[] body =
        bytes(
            "{\"AppId\":%d,\"Sender\":1,\"MsgType\":10001,\"MsgTTL\":1,\"Content\":\"%s\"}"
                .formatted(appId, content));
    Map<String, String> query = FakeServer.query("UserBroadcast");
    Instant now = Instant.now();
    String first = broadcast(query, headers(query, body, now), body);
    assertThat(first).startsWith("b-");
    assertThat(broadcast(query, headers(query, body, now), body)).isEqualTo(first);
    Map<String, String> later = headers(query, body, now.minusSeconds(1));
    assertThat(broadcast(query, later, body)).as("the same body").isEqualTo(first);
    byte[] other = bytes(new String(body, StandardCharsets.UTF_8).replace("hello", "hi"));
    assertThat(broadcast(query, headers(query, other, now), other)).isNotEqualTo(first);
  }

  private static String broadcast(
      Map<String, String> query, Map<String, String> headers, byte[] body) throws Exception {
    var response = post(query, headers, BodyPublishers.ofByteArray(body));
    assertThat(response.body()).endsWith(",\"Result\":{}}");
    return response.headers().firstValue("X-Fanfare-Broadcast").orElseThrow();
  }

  private static void assertWitness() throws Exception {
    var witness = read(WITNESS).getUsers().getFirst();
    assertThat(witness.getNickName()).isEqualTo("witness");
    assertThat(witness.getTags()).containsExactly("a", "b");
    assertThat(witness.getExt()).isEqualTo(Map.of("k", "v"));
  }

  private static void assertError(HttpResponse<String> response, int status, String code)
      throws IOException {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    JsonNode metadata = JSON.readTree(response.body()).path("ResponseMetadata");
    assertThat(metadata.at("/Error/Code").asText()).isEqualTo(code);
    assertThat(metadata.at("/Error/CodeN").asInt()).isPositive();
    assertThat(response.headers().firstValue("X-Tt-Logid"))
        .contains(metadata.path("RequestId").asText());
    assertThat(response.headers().firstValue("Content-Type"))
        .contains("application/json; charset=utf-8");
  }

  /// The SDK keeps host and scheme per region and process, keys per object.
  private static ImService sdk() {
    ImService sdk = ImService.getInstance();
    sdk.setAccessKey(accessKey);
    sdk.setSecretKey(secretKey);
    sdk.setScheme("http");
    sdk.setHost("127.0.0.1:" + server.apiPort());
    return sdk;
  }

  private static List<String> register(RegisterUsersBodyUsersItem... users) throws Exception {
    RegisterUsersBody body = new RegisterUsersBody();
    body.setAppId(appId);
    body.setUsers(List.of(users));
    var answer = sdk().registerUsers(body);
    assertThat(answer.getResponseMetadata().getError()).isNull();
    var failed = answer.getResult().getFailedInfos();
    return failed == null
        ? List.of()
        : failed.stream().map(info -> info.getUserId() + " " + info.getCode()).toList();
  }

  private static RegisterUsersBodyUsersItem user(
      long id, String nickName, Map<String, String> ext, String... tags) {
    RegisterUsersBodyUsersItem user = new RegisterUsersBodyUsersItem();
    user.setUserId(id);
    user.setNickName(nickName);
    user.setPortrait("http://example.com/p.png?a=1&b=2");
    user.setExt(ext);
    user.setTags(List.of(tags));
    return user;
  }

  private static BatchGetUserResResult read(Long... ids) throws Exception {
    BatchGetUserBody body = new BatchGetUserBody();
    body.setAppId(appId);
    body.setUserIds(List.of(ids));
    return sdk().batchGetUser(body).getResult();
  }

  private static BatchUpdateUserBody update(
      long id, @Nullable String nickName, @Nullable List<String> tags) {
    BatchUpdateUserItem item = new BatchUpdateUserItem();
    item.setUserId(id);
    item.setNickName(nickName);
    item.setTags(tags);
    BatchUpdateUserBody body = new BatchUpdateUserBody();
    body.setAppId(appId);
    body.setUsers(List.of(item));
    return body;
  }

  private static List<String> editTags(int op, List<String> tags, Long... ids) throws Exception {
    BatchUpdateUserTagsBody body = new BatchUpdateUserTagsBody();
    body.setAppId(appId);
    body.setOp(op);
    body.setTags(tags);
    body.setUserIds(List.of(ids));
    var failed = sdk().batchUpdateUserTags(body).getResult().getFailedInfos();
    return failed == null
        ? List.of()
        : failed.stream()
            .map(info -> info.getUserId() + " " + info.getCode() + " " + info.getMessage())
            .toList();
  }

  private static List<String> unregister(Long... ids) throws Exception {
    var failed = sdk().unRegisterUsers(removal(ids)).getResult().getFailedInfos();
    return failed == null
        ? List.of()
        : failed.stream()
            .map(info -> info.getUserId() + " " + info.getCode() + " " + info.getMessage())
            .toList();
  }

  private static UnRegisterUsersBody removal(Long... ids) {
    UnRegisterUsersBody body = new UnRegisterUsersBody();
    body.setAppId(appId);
    body.setUserIds(List.of(ids));
    return body;
  }

  private static String removalJson() {
    return "{\"AppId\":" + appId + ",\"UserIds\":[" + WITNESS + "]}";
  }

  private static HttpResponse<String> send(String action, String body, Instant at)
      throws Exception {
    Map<String, String> query = FakeServer.query(action);
    Map<String, String> headers = headers(query, bytes(body), at);
    return post(query, headers, BodyPublishers.ofString(body));
  }

  /// Signed headers, to be changed or sent.
  private static Map<String, String> headers(Map<String, String> query, byte[] body, Instant at) {
    Map<String, String> given =
        Map.of("content-type", "application/json", "host", "127.0.0.1:" + server.apiPort());
    return new LinkedHashMap<>(
        new TestSigner(accessKey, secretKey).headers(query, given, body, at));
  }

  private static HttpResponse<String> post(
      Map<String, String> query, Map<String, String> headers, BodyPublisher body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri("/?" + TestSigner.query(query)))
            .timeout(Duration.ofSeconds(30))
            .POST(body);
    headers.forEach((name, value) -> {
      if (!name.equals("host")) {
        request.header(name, value);
      }
    });
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }

  private static URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.apiPort() + path);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
