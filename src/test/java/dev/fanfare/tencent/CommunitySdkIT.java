package dev.fanfare.tencent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.PackagedServer;
import dev.fanfare.tls.PemFiles;
import dev.fanfare.tls.SelfSigned;
import io.github.doocs.im.ImClient;
import io.github.doocs.im.model.message.TIMMsgElement;
import io.github.doocs.im.model.message.TIMTextMsgElement;
import io.github.doocs.im.model.request.AccountCheckItem;
import io.github.doocs.im.model.request.AccountCheckRequest;
import io.github.doocs.im.model.request.AccountDeleteItem;
import io.github.doocs.im.model.request.AccountDeleteRequest;
import io.github.doocs.im.model.request.AccountImportRequest;
import io.github.doocs.im.model.request.ImAddTagRequest;
import io.github.doocs.im.model.request.ImGetAttrNameRequest;
import io.github.doocs.im.model.request.ImGetAttrRequest;
import io.github.doocs.im.model.request.ImGetTagRequest;
import io.github.doocs.im.model.request.ImPushRequest;
import io.github.doocs.im.model.request.ImRemoveAllTagsRequest;
import io.github.doocs.im.model.request.ImRemoveAttrRequest;
import io.github.doocs.im.model.request.ImRemoveTagRequest;
import io.github.doocs.im.model.request.ImSetAttrNameRequest;
import io.github.doocs.im.model.request.ImSetAttrRequest;
import io.github.doocs.im.model.request.KickRequest;
import io.github.doocs.im.model.request.MultiAccountImportRequest;
import io.github.doocs.im.model.request.QueryOnlineStatusRequest;
import io.github.doocs.im.model.response.GenericResult;
import io.github.doocs.im.model.response.UserAttrItem;
import io.github.doocs.im.model.response.UserTagItem;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The community's SDK, which speaks https alone, against the packaged server with a certificate.
final class CommunitySdkIT {
  private static final String TRUST_STORE = "javax.net.ssl.trustStore";
  private static final String TRUST_STORE_PASSWORD = "javax.net.ssl.trustStorePassword";

  @TempDir Path directory;

  private PackagedServer server;
  private ImClient client;

  /// The SDK trusts what the JVM trusts when it is made, and nothing else can be said to it.
  @BeforeEach
  void start() {
    PemFiles files = SelfSigned.make(directory, "server", "RSA");
    server =
        PackagedServer.start(
            directory.resolve("data"),
            "--limits-profile",
            "open",
            "--tls-certificate",
            files.certificate().toString(),
            "--tls-key",
            files.key().toString());
    System.setProperty(TRUST_STORE, SelfSigned.trustStore(directory, files).toString());
    System.setProperty(TRUST_STORE_PASSWORD, SelfSigned.PASSWORD_TEXT);
    JsonNode app = server.credentials().at("/apps/0/tencent");
    client =
        new ImClient(
            app.path("sdkAppId").asLong(),
            app.path("administrator").asText(),
            app.path("secretKey").asText(),
            "127.0.0.1:" + server.apiPort());
  }

  @AfterEach
  void stop() {
    System.clearProperty(TRUST_STORE);
    System.clearProperty(TRUST_STORE_PASSWORD);
    server.close();
  }

  private static <T extends GenericResult> T ok(T result) {
    assertThat(result.getErrorInfo()).isEmpty();
    assertThat(result.getErrorCode()).isZero();
    assertThat(result.getActionStatus()).isEqualTo("OK");
    return result;
  }

  @Test
  void every_account_command_works_over_tls() throws Exception {
    ok(client.account.accountImport(new AccountImportRequest("a", "Anna", "http://x")));
    assertThat(
            ok(client.account.multiAccountImport(new MultiAccountImportRequest(List.of("b", "小明"))))
                .getFailAccounts())
        .isEmpty();
    var checked =
        ok(
            client.account.accountCheck(
                new AccountCheckRequest(
                    List.of(new AccountCheckItem("小明"), new AccountCheckItem("nobody")))));
    assertThat(checked.getResultItems())
        .extracting(item -> item.getAccountStatus())
        .containsExactly("Imported", "NotImported");
    assertThat(
            ok(client.account.queryOnlineStatus(new QueryOnlineStatusRequest(List.of("a"))))
                .getQueryResult()
                .getFirst()
                .getStatus())
        .isEqualTo("Offline");
    ok(client.account.kick(new KickRequest("a")));
    ok(client.account.accountDelete(new AccountDeleteRequest(List.of(new AccountDeleteItem("b")))));
  }

  @Test
  void every_all_member_push_command_works_over_tls() throws Exception {
    ok(client.account.accountImport(new AccountImportRequest("a")));
    ok(client.member.imSetAttrName(new ImSetAttrNameRequest(Map.of("0", "sex", "1", "city"))));
    assertThat(ok(client.member.imGetAttrName(new ImGetAttrNameRequest())).getAttrNames())
        .containsEntry("1", "city");
    ok(
        client.member.imSetAttr(
            new ImSetAttrRequest(
                List.of(new UserAttrItem("a", Map.of("sex", "f", "city", "ny"))))));
    ok(
        client.member.imRemoveAttr(
            new ImRemoveAttrRequest(List.of(new UserAttrItem("a", Map.of("sex", "f"))))));
    assertThat(
            ok(client.member.imGetAttr(new ImGetAttrRequest(List.of("a"))))
                .getUserAttrs()
                .getFirst()
                .getAttrs())
        .isEqualTo(Map.of("city", "ny"));
    ok(
        client.member.imAddTag(
            new ImAddTagRequest(List.of(new UserTagItem("a", List.of("x", "y", "z"))))));
    ok(
        client.member.imRemoveTag(
            new ImRemoveTagRequest(List.of(new UserTagItem("a", List.of("y"))))));
    assertThat(tags()).containsExactly("x", "z");
    TIMMsgElement text = new TIMTextMsgElement("hi, beauty");
    ImPushRequest push = new ImPushRequest(4_294_967_295L, List.of(text));
    push.setCondition(Map.of("TagsOr", List.of("x")));
    String task = ok(client.member.imPush(push)).getTaskId();
    assertThat(task).matches("[0-9]+_[0-9]+_4294967295_[0-9]+");
    assertThat(ok(client.member.imPush(push)).getTaskId()).as("a repetition").isEqualTo(task);
    ok(client.member.imRemoveAllTags(new ImRemoveAllTagsRequest(List.of("a"))));
    assertThat(tags()).isEmpty();
  }

  private List<String> tags() throws Exception {
    return ok(client.member.imGetTag(new ImGetTagRequest(List.of("a"))))
        .getUserTags()
        .getFirst()
        .getTags();
  }
}
