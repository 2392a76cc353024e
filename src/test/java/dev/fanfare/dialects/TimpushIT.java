package dev.fanfare.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.tencentyun.TLSSigAPIv2;
import dev.fanfare.PackagedServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The newer commands against the packaged server and real devices.
class TimpushIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final int MEMBERS = 6;

  @TempDir Path data;

  private PackagedServer server;
  private final List<Device> open = new ArrayList<>();

  @BeforeEach
  void start() {
    server = PackagedServer.start(data, "--limits-profile", "open");
  }

  @AfterEach
  void stop() {
    open.forEach(Device::close);
    server.close();
  }

  private JsonNode tencent() {
    return server.credentials().path("apps").path(0).path("tencent");
  }

  private String userSig(String account) {
    String secret = tencent().path("secretKey").asText();
    return new TLSSigAPIv2(tencent().path("sdkAppId").asLong(), secret).genUserSig(account, 600);
  }

  private Device device(String account) throws InterruptedException {
    long app = tencent().path("sdkAppId").asLong();
    Device device = Device.connect(server.gatewayPort(), app, userSig(account));
    open.add(device);
    device.until("caught-up");
    return device;
  }

  private JsonNode call(String command, String body) throws Exception {
    String administrator = tencent().path("administrator").asText();
    String query =
        "?sdkappid=%d&identifier=%s&usersig=%s"
            .formatted(tencent().path("sdkAppId").asLong(), administrator, userSig(administrator));
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:" + server.apiPort() + "/v4/timpush/" + command + query))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    JsonNode answer =
        JSON.readTree(HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body());
    assertThat(answer.path("ErrorCode").asInt(-1)).as("%s", answer).isZero();
    return answer;
  }

  private String push(int random) throws Exception {
    return call(
            "push",
            "{\"MsgRandom\":" + random + ",\"OfflinePushInfo\":{\"Title\":\"t\",\"Desc\":\"d\"}}")
        .path("TaskId")
        .asText();
  }

  private JsonNode loss(String task) throws Exception {
    long now = System.currentTimeMillis() / 1_000;
    return call(
            "all_member_push_loss",
            "{\"StartTime\":%d,\"EndTime\":%d,\"TaskID\":[\"%s\"]}"
                .formatted(now - 1_000, now + 1_000, task))
        .at("/Results/0");
  }

  private int unreleased(String task) throws Exception {
    for (JsonNode loss : loss(task).path("ReadyToSendLoss")) {
      if (loss.path("ErrCode").asText().equals("-2")) {
        return loss.path("ErrCount").asInt();
      }
    }
    return 0;
  }

  /// What a device is told of a task up to the frame that another task comes in.
  private static List<String> told(Device device, String task, String marker)
      throws InterruptedException {
    List<String> told = new ArrayList<>();
    while (true) {
      JsonNode frame = device.next();
      String of = frame.at("/message/TaskId").asText();
      if (of.equals(marker)) {
        return told;
      }
      if (of.equals(task)) {
        told.add(frame.path("type").asText());
      }
    }
  }

  @Test
  void a_revoked_paced_push_reaches_nobody_new_and_is_withdrawn_from_both_devices_of_a_member()
      throws Exception {
    List<String> members = IntStream.range(0, MEMBERS).mapToObj(i -> "m" + i).toList();
    List<Device> staying = new ArrayList<>();
    List<Device> leaving = new ArrayList<>();
    for (String member : members) {
      staying.add(device(member));
      leaving.add(device(member));
    }
    server.limit("{\"tencentPacePerSecond\":1}");
    String task = push(1);
    int first = firstReached(staying);
    JsonNode received = leaving.get(first).next("broadcast");
    assertThat(received.at("/message/TaskId").asText()).isEqualTo(task);
    assertThat(received.path("message").has("MsgBody")).isFalse();
    assertThat(received.at("/message/OfflinePushInfo/Title").asText()).isEqualTo("t");
    leaving.get(first).close();
    call("revoke", "{\"TaskId\":\"" + task + "\"}");
    int unreleased = unreleased(task);
    assertThat(unreleased).as("it was revoked on the way").isPositive();
    pause();
    assertThat(unreleased(task))
        .as("two slices more would be released by now")
        .isEqualTo(unreleased);
    server.limit("{\"tencentPacePerSecond\":0}");
    String marker = push(2);
    Set<Integer> reached = new HashSet<>();
    for (int i = 0; i < MEMBERS; i++) {
      List<String> told = told(staying.get(i), task, marker);
      if (i == first) {
        assertThat(told).as("the first frame was read before").containsExactly("recall");
        reached.add(i);
      } else if (!told.isEmpty()) {
        assertThat(told)
            .as("the recall alone when it came before the first frame was sent")
            .isIn(List.of("broadcast", "recall"), List.of("recall"));
        reached.add(i);
      }
    }
    assertThat(reached).hasSize(MEMBERS - unreleased);
    Device returned =
        Device.reconnect(
            server.gatewayPort(),
            tencent().path("sdkAppId").asLong(),
            userSig(members.get(first)),
            received.path("position").asText());
    open.add(returned);
    assertThat(told(returned, task, marker)).containsExactly("recall");
  }

  /// Which device has a frame first.
  private static int firstReached(List<Device> devices) throws InterruptedException {
    for (int i = 0; ; i = (i + 1) % devices.size()) {
      if (devices.get(i).hasMessage()) {
        devices.get(i).next("broadcast");
        return i;
      }
      Thread.sleep(1);
    }
  }

  /// Longer than two slices are apart.
  private static void pause() throws InterruptedException {
    Thread.sleep(2_500);
  }

  @Test
  void a_batch_reaches_its_accounts_and_is_counted() throws Exception {
    Device anna = device("anna");
    Device bert = device("bert");
    String task =
        call(
                "batch",
                "{\"MsgRandom\":1,\"To_Account\":[\"anna\"],\"OfflinePushInfo\":{\"Desc\":\"d\"}}")
            .path("TaskId")
            .asText();
    String marker = push(2);
    assertThat(told(anna, task, marker)).containsExactly("broadcast");
    assertThat(told(bert, task, marker)).isEmpty();
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (!loss(task).path("ReadyToSendLoss").isEmpty()) {
      assertThat(System.nanoTime()).as("reached is journaled").isLessThan(deadline);
      Thread.sleep(20);
    }
    JsonNode trace =
        call("all_member_push_trace", "{\"TaskID\":\"" + task + "\",\"UserID\":\"anna\"}");
    assertThat(trace.at("/InstanceTrace/0/PushStage").asInt()).isEqualTo(1);
  }
}
