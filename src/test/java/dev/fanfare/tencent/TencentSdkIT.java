package dev.fanfare.tencent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.tencentcloudapi.im.ApiClient;
import com.tencentcloudapi.im.api.AccountApi;
import com.tencentcloudapi.im.api.AllMemberPushApi;
import com.tencentcloudapi.im.model.AccountCheckRequest;
import com.tencentcloudapi.im.model.AccountCheckRequestCheckItemInner;
import com.tencentcloudapi.im.model.AccountDeleteRequest;
import com.tencentcloudapi.im.model.AccountDeleteRequestDeleteItemInner;
import com.tencentcloudapi.im.model.AccountImportRequest;
import com.tencentcloudapi.im.model.ImAddTagRequest;
import com.tencentcloudapi.im.model.ImGetAttrRequest;
import com.tencentcloudapi.im.model.ImGetAttrResponseAllOfUserAttrs;
import com.tencentcloudapi.im.model.ImGetTagRequest;
import com.tencentcloudapi.im.model.ImPushRequest;
import com.tencentcloudapi.im.model.ImPushRequestConditionInner;
import com.tencentcloudapi.im.model.ImRemoveAllTagRequest;
import com.tencentcloudapi.im.model.ImRemoveAttrRequest;
import com.tencentcloudapi.im.model.ImRemoveTagRequest;
import com.tencentcloudapi.im.model.ImRemoveTagRequestUserTagsInner;
import com.tencentcloudapi.im.model.ImSetAttrNameRequest;
import com.tencentcloudapi.im.model.ImSetAttrRequest;
import com.tencentcloudapi.im.model.KickRequest;
import com.tencentcloudapi.im.model.MultiAccountImportRequest;
import com.tencentcloudapi.im.model.QueryOnlineStatusRequest;
import com.tencentcloudapi.im.model.TIMMsgElement;
import com.tencentcloudapi.im.model.TIMTextElem;
import com.tencentcloudapi.im.model.TIMTextElemMsgContent;
import com.tencentyun.TLSSigAPIv2;
import dev.fanfare.PackagedServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The vendor's Java SDK, and hand-made requests where it cannot misbehave, against the packaged
/// server.
class TencentSdkIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir static Path data;

  private static PackagedServer server;
  private static long sdkAppId;
  private static String secret;

  @BeforeAll
  static void start() {
    server = PackagedServer.start(data);
    JsonNode keys = server.credentials().path("apps").path(0).path("tencent");
    sdkAppId = keys.path("sdkAppId").asLong();
    secret = keys.path("secretKey").asText();
    assertThat(keys.path("administrator").asText()).isEqualTo("administrator");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static ApiClient client() {
    ApiClient client = new ApiClient().setBasePath("http://127.0.0.1:" + server.apiPort());
    client.setSdkappid((int) sdkAppId);
    client.setIdentifier("administrator");
    client.setKey(secret);
    return client;
  }

  private static AccountApi accounts() {
    return new AccountApi(client());
  }

  private static AllMemberPushApi pushes() {
    return new AllMemberPushApi(client());
  }

  private static void importing(String... ids) throws Exception {
    MultiAccountImportRequest request = new MultiAccountImportRequest();
    request.setAccounts(List.of(ids));
    assertThat(accounts().multiAccountImport(1, request).getFailAccounts()).isEmpty();
  }

  @Test
  void accounts_are_imported_checked_kicked_and_deleted() throws Exception {
    AccountImportRequest one = new AccountImportRequest();
    one.setUserID("sdk-小明");
    one.setNick("明");
    one.setFaceUrl("http://example.com/p.png");
    assertThat(accounts().accountImport(1, one).getErrorCode()).isZero();
    importing("sdk-a", "sdk-b");

    AccountCheckRequest check = new AccountCheckRequest();
    check.setCheckItem(List.of(checked("sdk-小明"), checked("sdk-none")));
    assertThat(accounts().accountCheck(1, check).getResultItem())
        .extracting(item -> item.getUserID() + " " + item.getAccountStatus())
        .containsExactly("sdk-小明 Imported", "sdk-none NotImported");

    KickRequest kick = new KickRequest();
    kick.setUserID("sdk-a");
    assertThat(accounts().kick(1, kick).getErrorCode()).isZero();

    QueryOnlineStatusRequest online = new QueryOnlineStatusRequest();
    online.setToAccount(List.of("sdk-a", "sdk-none"));
    var statuses = accounts().queryOnlineStatus(1, online);
    assertThat(statuses.getErrorCode()).isZero();
    assertThat(statuses.getQueryResult())
        .extracting(status -> status.getToAccount() + " " + status.getStatus())
        .containsExactly("sdk-a Offline");
    assertThat(statuses.getErrorList()).hasSize(1);

    AccountDeleteRequest delete = new AccountDeleteRequest();
    delete.setDeleteItem(List.of(deleted("sdk-a"), deleted("sdk-none")));
    assertThat(accounts().accountDelete(1, delete).getResultItem())
        .extracting(item -> item.getUserID() + " " + item.getResultCode())
        .containsExactly("sdk-a 0", "sdk-none 70107");
  }

  private static AccountCheckRequestCheckItemInner checked(String id) {
    AccountCheckRequestCheckItemInner item = new AccountCheckRequestCheckItemInner();
    item.setUserID(id);
    return item;
  }

  private static AccountDeleteRequestDeleteItemInner deleted(String id) {
    AccountDeleteRequestDeleteItemInner item = new AccountDeleteRequestDeleteItemInner();
    item.setUserID(id);
    return item;
  }

  @Test
  void tags_are_added_read_and_removed() throws Exception {
    importing("tag-a", "tag-b");
    ImAddTagRequest add = new ImAddTagRequest();
    add.setToAccount("tag-a");
    add.setTags(List.of("股票A", "股票B", "c"));
    assertThat(pushes().imAddTag(1, add).getErrorCode()).isZero();
    assertThat(tags("tag-a", "tag-b")).containsExactly("tag-a [股票A, 股票B, c]", "tag-b []");

    ImRemoveTagRequestUserTagsInner removed = new ImRemoveTagRequestUserTagsInner();
    removed.setToAccount("tag-a");
    removed.setTags(List.of("股票A", "unknown"));
    ImRemoveTagRequest remove = new ImRemoveTagRequest();
    remove.setUserTags(List.of(removed));
    assertThat(pushes().imRemoveTag(1, remove).getErrorCode()).isZero();
    assertThat(tags("tag-a")).containsExactly("tag-a [股票B, c]");

    ImRemoveAllTagRequest all = new ImRemoveAllTagRequest();
    all.setToAccount(List.of("tag-a", "tag-b"));
    assertThat(pushes().imRemoveAllTags(1, all).getErrorCode()).isZero();
    assertThat(tags("tag-a")).containsExactly("tag-a []");
  }

  private static List<String> tags(String... accounts) throws Exception {
    ImGetTagRequest request = new ImGetTagRequest();
    request.setToAccount(List.of(accounts));
    return Objects.requireNonNull(pushes().imGetTag(1, request).getUserTags()).stream()
        .map(user -> user.getToAccount() + " " + user.getTags())
        .toList();
  }

  @Test
  void attributes_are_named_set_read_and_removed() throws Exception {
    importing("attr-a");
    ImSetAttrNameRequest names = new ImSetAttrNameRequest();
    names.setAttrNames(Map.of("3", "sex", "4", "城市"));
    assertThat(pushes().imSetAttrName(1, names).getErrorCode()).isZero();
    assertThat(String.valueOf(pushes().imGetAttrName(1, Map.of()).getAttrNames()))
        .contains("3=sex", "4=城市");

    ImGetAttrResponseAllOfUserAttrs values = new ImGetAttrResponseAllOfUserAttrs();
    values.setToAccount("attr-a");
    values.setAttrs(Map.of("sex", "f", "城市", "北京"));
    ImSetAttrRequest set = new ImSetAttrRequest();
    set.setUserAttrs(List.of(values));
    assertThat(pushes().imSetAttr(1, set).getErrorCode()).isZero();
    assertThat(attributes("attr-a")).contains("sex=f", "城市=北京");

    ImRemoveAttrRequest remove = new ImRemoveAttrRequest();
    remove.setToAccount("attr-a");
    remove.setAttrs(List.of("sex"));
    assertThat(pushes().imRemoveAttr(1, remove).getErrorCode()).isZero();
    assertThat(attributes("attr-a")).doesNotContain("sex=").contains("城市=北京");
  }

  private static String attributes(String account) throws Exception {
    ImGetAttrRequest request = new ImGetAttrRequest();
    request.setToAccount(List.of(account));
    return String.valueOf(
        Objects.requireNonNull(pushes().imGetAttr(1, request).getUserAttrs())
            .getFirst()
            .getAttrs());
  }

  @Test
  void a_push_is_a_task_and_its_repetition_the_same_one() throws Exception {
    ImPushRequest request = push(-7);
    var first = pushes().imPush(1, request);
    assertThat(first.getErrorCode()).as(first.getErrorInfo()).isZero();
    assertThat(first.getTaskId()).matches(sdkAppId + "_[0-9]+_4294967289_[0-9]+");
    assertThat(pushes().imPush(2, request).getTaskId()).isEqualTo(first.getTaskId());
    assertThat(pushes().imPush(3, push(8)).getErrorCode())
        .as("within a second, unless the machine paused that long")
        .isIn(90_024, 0);
  }

  private static ImPushRequest push(int random) {
    TIMTextElemMsgContent content = new TIMTextElemMsgContent();
    content.setText("hi, beauty");
    TIMTextElem text = new TIMTextElem();
    text.setMsgType("TIMTextElem");
    text.setMsgContent(content);
    ImPushRequestConditionInner condition = new ImPushRequestConditionInner();
    condition.setTagsOr(List.of("t1", "t9"));
    ImPushRequest request = new ImPushRequest();
    request.setFromAccount("administrator");
    request.setMsgRandom(random);
    request.setMsgLifeTime(120);
    request.setCondition(List.of(condition));
    request.setMsgBody(List.of(new TIMMsgElement(text)));
    return request;
  }

  @Test
  void a_refusal_reaches_the_sdk_as_a_code_and_text() throws Exception {
    ImAddTagRequest add = new ImAddTagRequest();
    add.setToAccount("nobody-at-all");
    add.setTags(List.of("a"));
    var refused = pushes().imAddTag(1, add);
    assertThat(refused.getActionStatus()).isEqualTo("FAIL");
    assertThat(refused.getErrorCode()).isEqualTo(90_048);
    assertThat(refused.getErrorInfo()).isNotEmpty();
    ApiClient wrong = client();
    wrong.setKey("another secret");
    assertThat(new AllMemberPushApi(wrong).imAddTag(1, add).getErrorCode()).isEqualTo(70_009);
  }

  @Test
  void every_failure_has_status_200_over_the_wire() throws Exception {
    String sig = new TLSSigAPIv2(sdkAppId, secret).genUserSig("administrator", 3_600);
    String query = "?contenttype=json&usersig=" + sig + "&identifier=administrator&sdkappid=";
    assertThat(post("/v4/all_member_push/im_get_attr_name" + query + sdkAppId, "{}")).isZero();
    assertThat(post("/v4/all_member_push/im_get_attr_name" + query + "1", "{}")).isEqualTo(70_020);
    assertThat(post("/v4/all_member_push/nothing" + query + sdkAppId, "{}")).isEqualTo(60_009);
    assertThat(post("/v4/all_member_push/im_push" + query + sdkAppId, " ".repeat((1 << 20) + 1)))
        .isEqualTo(90_056);
    assertThat(post("/v4/openim/querystate" + query + sdkAppId, "{")).isEqualTo(90_001);
  }

  private static int post(String target, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.apiPort() + target))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/json");
    return JSON.readTree(response.body()).path("ErrorCode").asInt(-1);
  }
}
