package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.volcengine.model.im.UserBroadcastBody;
import com.volcengine.service.im.ImService;
import dev.fanfare.PackagedServer;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The Java SDK repeats a request, unchanged, up to five times in all when the connection closes
/// without an answer. That makes one broadcast, also when the server was killed in between.
@Timeout(120)
class VolcengineRetryIT {
  private static final Pattern BROADCAST =
      Pattern.compile("(?i)\r\nX-Fanfare-Broadcast: ([^\r]+)\r\n");

  @TempDir Path data;

  @Test
  void copies_of_a_request_whose_answers_were_lost_are_one_broadcast() throws Exception {
    try (PackagedServer server = PackagedServer.start(data)) {
      SignedClient client = new SignedClient(server);
      try (DroppingProxy proxy = new DroppingProxy(server.apiPort(), 4)) {
        var answer = sdk(client, proxy).userBroadcast(body(client, "four lost"));
        assertThat(answer.getResponseMetadata().getError()).isNull();
        assertThat(proxy.requests()).hasSize(5).containsOnly(proxy.requests().getFirst());
        assertOne(client, proxy.answers());
      }
      try (DroppingProxy proxy = new DroppingProxy(server.apiPort(), 5)) {
        assertThatThrownBy(() -> sdk(client, proxy).userBroadcast(body(client, "all lost")));
        assertThat(proxy.requests()).hasSize(5);
        assertOne(client, proxy.answers());
      }
    }
  }

  @Test
  void a_copy_that_reaches_the_server_after_it_was_killed_is_the_same_broadcast() throws Exception {
    UserBroadcastBody body;
    String first;
    try (PackagedServer server = PackagedServer.start(data)) {
      server.rememberBodies();
      SignedClient client = new SignedClient(server);
      body = body(client, "killed");
      try (DroppingProxy proxy = new DroppingProxy(server.apiPort(), 0)) {
        sdk(client, proxy).userBroadcast(body);
        first = id(proxy.answers().getFirst());
      }
      server.kill();
    }
    try (PackagedServer server = PackagedServer.start(data)) {
      SignedClient client = new SignedClient(server);
      try (DroppingProxy proxy = new DroppingProxy(server.apiPort(), 0)) {
        sdk(client, proxy).userBroadcast(body);
        assertThat(id(proxy.answers().getFirst())).isEqualTo(first);
      }
    }
  }

  private static void assertOne(SignedClient client, List<String> answers) throws Exception {
    List<String> ids = answers.stream().map(VolcengineRetryIT::id).toList();
    assertThat(ids).hasSize(5).containsOnly(ids.getFirst());
    assertThat(client.broadcast(ids.getFirst()).path("state").asText()).isEqualTo("completed");
  }

  private static String id(String answer) {
    Matcher matcher = BROADCAST.matcher(answer);
    assertThat(matcher.find()).as(answer).isTrue();
    return matcher.group(1);
  }

  private static UserBroadcastBody body(SignedClient client, String content) {
    UserBroadcastBody body = new UserBroadcastBody();
    body.setAppId(client.appId());
    body.setSender(1L);
    body.setMsgType(10_001);
    body.setMsgTTL(300L);
    body.setContent(content);
    return body;
  }

  private static ImService sdk(SignedClient client, DroppingProxy proxy) {
    ImService sdk = ImService.getInstance();
    sdk.setAccessKey(client.signer().accessKey());
    sdk.setSecretKey(client.signer().secretKey());
    sdk.setScheme("http");
    sdk.setHost("127.0.0.1:" + proxy.port());
    return sdk;
  }
}
