package dev.fanfare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.volcengine.model.im.BatchGetUserBody;
import com.volcengine.model.im.RegisterUsersBody;
import com.volcengine.model.im.RegisterUsersBodyUsersItem;
import com.volcengine.model.im.UserBroadcastBody;
import com.volcengine.service.im.ImService;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tenants of the packaged server, with the official Java SDK as the client that has to find its
/// own numbers and secrets again.
final class AppsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir Path data;
  @TempDir Path secrets;

  private PackagedServer server;
  private String sessionToken = "";

  AppsIT() {}

  @BeforeEach
  void start() {
    server = PackagedServer.start(data);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void app_with_own_numbers_and_secrets_is_used_by_the_sdk_and_survives_a_kill() throws Exception {
    JsonNode made =
        call(
            "POST",
            "/v1/apps",
            """
            {"id": "shop",
             "volcengine": {"appId": 123456,
                            "accessKeys": [{"accessKey": "AKLTown", "secretKey": "own+secret=="}]},
             "tencent": {"sdkAppId": 1400000009, "secretKey": "t", "administrators": ["root"]}}
            """,
            201);
    assertThat(made.at("/tencent/sdkAppId").asLong()).isEqualTo(1_400_000_009L);
    Account own = new Account("AKLTown", "own+secret==");
    register(own, 123456, 1);
    assertThat(known(own, 123456, 1)).isTrue();

    call(
        "POST",
        "/v1/apps",
        """
        {"id": "second", "volcengine": {"appId": 222,
         "accessKeys": [{"accessKey": "AKLTown", "secretKey": "own+secret=="}]}}
        """,
        201);
    assertThat(known(own, 222, 1)).as("name spaces never mix").isFalse();
    register(own, 222, 2);
    call(
        "POST",
        "/v1/apps",
        """
        {"id": "third", "volcengine": {"accessKeys": [{"accessKey": "AKLTown", "secretKey": "x"}]}}
        """,
        409);

    server.kill();
    start();
    assertThat(known(own, 123456, 1)).isTrue();
    assertThat(known(own, 222, 2)).isTrue();
    assertThat(call("GET", "/v1/apps", "", 200).path("apps"))
        .extracting(app -> app.path("id").asText())
        .containsExactly("demo", "second", "shop");
  }

  @Test
  void two_keys_in_rotation_overlap_until_one_is_removed() throws Exception {
    Account demo = demo();
    int appId = demoAppId();
    register(demo, appId, 1);
    JsonNode key = call("POST", "/v1/apps/demo/keys", "{\"kind\": \"volcengine-access-key\"}", 201);
    Account next = new Account(key.path("name").asText(), key.path("secret").asText());
    assertThat(known(demo, appId, 1)).isTrue();
    assertThat(known(next, appId, 1)).isTrue();
    call("DELETE", "/v1/apps/demo/keys/volcengine-access-key/" + demo.accessKey(), "", 204);
    assertThat(known(next, appId, 1)).isTrue();
    assertThatThrownBy(() -> known(demo, appId, 1)).hasMessageContaining("InvalidAccessKey");

    String one = "/v1/apps/demo/keys/volcengine-access-key/" + next.accessKey();
    call("PATCH", one, "{\"notAfter\": \"2020-01-01T00:00:00Z\"}", 200);
    assertThatThrownBy(() -> known(next, appId, 1)).hasMessageContaining("InvalidAccessKey");
    call("PATCH", one, "{\"notAfter\": null}", 200);
    assertThat(known(next, appId, 1)).isTrue();
  }

  @Test
  void key_is_held_to_its_actions_and_its_session_token() throws Exception {
    JsonNode key =
        call(
            "POST",
            "/v1/apps/demo/keys",
            """
            {"kind": "volcengine-access-key", "sessionToken": "temporary",
             "actions": ["RegisterUsers", "BatchGetUser"]}
            """,
            201);
    Account limited = new Account(key.path("name").asText(), key.path("secret").asText());
    assertThatThrownBy(() -> known(limited, demoAppId(), 1))
        .hasMessageContaining("InvalidSecretToken");
    sessionToken = "wrong";
    assertThatThrownBy(() -> known(limited, demoAppId(), 1))
        .hasMessageContaining("InvalidSecretToken");
    sessionToken = "temporary";
    register(limited, demoAppId(), 1);
    assertThatThrownBy(() -> broadcast(limited, "x"))
        .hasMessageContaining("AccessDenied")
        .hasMessageContaining("rtc:UserBroadcast");
    String one = "/v1/apps/demo/keys/volcengine-access-key/" + limited.accessKey();
    call("PATCH", one, "{\"actions\": [\"UserBroadcast\"]}", 200);
    broadcast(limited, "x");
    call("PATCH", one, "{\"actions\": [\"no such\"]}", 400);
    call("PATCH", one, "{\"actions\": []}", 200);
    assertThat(known(limited, demoAppId(), 1)).isTrue();
  }

  @Test
  void disabled_app_is_an_app_status_exception_until_it_is_enabled() throws Exception {
    register(demo(), demoAppId(), 1);
    assertThat(fanfare("app", "disable", "demo")).contains("disabled");
    assertThatThrownBy(() -> known(demo(), demoAppId(), 1))
        .hasMessageContaining("AppStatusException");
    server.kill();
    start();
    assertThatThrownBy(() -> known(demo(), demoAppId(), 1))
        .hasMessageContaining("AppStatusException");
    fanfare("app", "enable", "demo");
    assertThat(known(demo(), demoAppId(), 1)).isTrue();
  }

  @Test
  void daily_budget_survives_a_kill() throws Exception {
    server.makeNoon();
    server.rememberBodies();
    Account demo = demo();
    call(
        "PATCH",
        "/v1/apps/demo/keys/volcengine-access-key/" + demo.accessKey(),
        "{\"dailyBroadcasts\": 2}",
        200);
    broadcast(demo, "one");
    broadcast(demo, "two");
    assertThatThrownBy(() -> broadcast(demo, "three"))
        .hasMessageContaining("FlowLimitExceeded")
        .hasMessageContaining("2 broadcasts of the day");
    server.kill();
    start();
    assertThatThrownBy(() -> broadcast(demo, "three")).hasMessageContaining("FlowLimitExceeded");
    broadcast(demo, "two");
  }

  @Test
  void commands_make_apps_and_keys() throws Exception {
    Path secret = Files.writeString(secrets.resolve("secret"), "from a file\n".replace(' ', '-'));
    String made =
        fanfare(
            "app",
            "create",
            "shop",
            "--volcengine-app-id",
            "777",
            "--access-key",
            "AKfile",
            "--secret-key-file",
            secret.toString(),
            "--tencent-sdkappid",
            "888",
            "--administrator",
            "root");
    assertThat(made).contains("777", "AKfile", "from-a-file", "888", "root", "api key");
    register(new Account("AKfile", "from-a-file"), 777, 5);
    assertThat(fanfare("app", "list")).contains("demo", "shop");
    assertThat(
            fanfare("app", "set", "shop", "--limit", "robots=3", "--limit", "rates.GetAppToken=1"))
        .containsPattern("robots +3")
        .containsPattern("rates.GetAppToken +1");
    String key = fanfare("key", "create", "api-key", "ci", "--role", "reader", "--app", "shop");
    assertThat(key).contains("role reader", "secret ");
    assertThat(fanfare("key", "list", "--app", "shop"))
        .contains("volcengine-access-key AKfile", "ci")
        .doesNotContain("from-a-file");
    assertThat(fanfare("key", "remove", "api-key", "ci", "--app", "shop")).contains("removed ci");
    assertThat(fanfare("app", "show", "shop")).doesNotContain("from-a-file");
  }

  private record Account(String accessKey, String secretKey) {}

  private Account demo() {
    JsonNode keys = server.credentials().at("/apps/0/volcengine");
    return new Account(keys.path("accessKey").asText(), keys.path("secretKey").asText());
  }

  private int demoAppId() {
    return server.credentials().at("/apps/0/volcengine/appId").asInt();
  }

  /// The SDK keeps host and scheme per region and process, keys per object.
  private ImService sdk(Account account) {
    ImService sdk = ImService.getInstance();
    sdk.setAccessKey(account.accessKey());
    sdk.setSecretKey(account.secretKey());
    sdk.setSessionToken(sessionToken);
    sdk.setScheme("http");
    sdk.setHost("127.0.0.1:" + server.apiPort());
    return sdk;
  }

  private void register(Account account, int appId, long id) throws Exception {
    RegisterUsersBodyUsersItem user = new RegisterUsersBodyUsersItem();
    user.setUserId(id);
    user.setNickName("n");
    RegisterUsersBody body = new RegisterUsersBody();
    body.setAppId(appId);
    body.setUsers(List.of(user));
    var answer = sdk(account).registerUsers(body);
    assertThat(answer.getResponseMetadata().getError()).isNull();
    assertThat(known(account, appId, id)).isTrue();
  }

  private boolean known(Account account, int appId, long id) throws Exception {
    BatchGetUserBody body = new BatchGetUserBody();
    body.setAppId(appId);
    body.setUserIds(List.of(id));
    return sdk(account).batchGetUser(body).getResult().getNotFoundUsers().isEmpty();
  }

  private void broadcast(Account account, String content) throws Exception {
    UserBroadcastBody body = new UserBroadcastBody();
    body.setAppId(demoAppId());
    body.setSender(1L);
    body.setMsgType(10_001);
    body.setMsgTTL(300L);
    body.setContent(content);
    assertThat(sdk(account).userBroadcast(body).getResponseMetadata().getError()).isNull();
  }

  private JsonNode call(String method, String path, String body, int status)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.apiPort() + path))
            .header("Authorization", "Bearer " + server.credentials().path("adminKey").asText())
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
    HttpResponse<byte[]> response = HTTP.send(request, BodyHandlers.ofByteArray());
    assertThat(response.statusCode())
        .as(new String(response.body(), StandardCharsets.UTF_8))
        .isEqualTo(status);
    return JSON.readTree(response.body());
  }

  /// What a command prints, in this process and against the server.
  private String fanfare(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--data";
    all[arguments.length + 1] = data.toString();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), all);
    assertThat(code).as("%s", err).isZero();
    return out.toString();
  }
}
