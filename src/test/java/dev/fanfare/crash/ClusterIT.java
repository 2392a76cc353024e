package dev.fanfare.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.tencentyun.TLSSigAPIv2;
import com.volcengine.model.im.BatchGetUserBody;
import com.volcengine.model.im.QueryOnlineStatusBody;
import com.volcengine.model.im.RegisterUsersBody;
import com.volcengine.model.im.RegisterUsersBodyUsersItem;
import com.volcengine.service.im.ImService;
import dev.fanfare.journal.kafka.KafkaBrokers;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Three nodes of the packaged server over three brokers are one service: what one of them took,
/// all of them show and deliver.
@Timeout(240)
final class ClusterIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final long VENDOR_NUMBER = 1_400_000_001L;
  private static final String TENCENT_SECRET = "dev-tencent-secret-key-for-trying-out-only";

  @TempDir static Path directory;

  private static KafkaBrokers brokers;
  private static ClusterNodes nodes;

  private final String run = UUID.randomUUID().toString().substring(0, 8);

  @BeforeAll
  static void start() {
    brokers = KafkaBrokers.shared();
    nodes = new ClusterNodes(directory, brokers, "cluster-" + UUID.randomUUID());
  }

  @AfterAll
  static void stop() {
    nodes.close();
  }

  @Test
  void every_node_has_the_credentials_of_the_one_cell() {
    for (int i = 1; i < ClusterNodes.COUNT; i++) {
      assertThat(nodes.server(i).credentials()).isEqualTo(nodes.server(0).credentials());
    }
  }

  @Test
  void a_broadcast_accepted_on_one_node_reaches_devices_on_all_of_them() throws Exception {
    try (Crowd crowd = new Crowd(3)) {
      Set<String> sent = new TreeSet<>();
      for (int i = 0; i < 9; i++) {
        sent.add(send(i % 3, ""));
      }
      await(() -> crowd.devices.stream().allMatch(device -> device.heard().size() >= sent.size()));
      for (Device device : crowd.devices) {
        assertThat(device.heard()).hasSize(sent.size()).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(device.offsets()).isSorted();
      }
      assertThat(crowd.devices.get(1).heard()).isEqualTo(crowd.devices.get(0).heard());
    }
  }

  @Test
  void a_device_that_moves_with_its_cursor_hears_each_once_and_in_order() throws Exception {
    List<String> sent = new ArrayList<>();
    try (Crowd crowd = new Crowd(1)) {
      Device device = crowd.devices.getFirst();
      for (int move = 0; move < 6; move++) {
        sent.add(send(move % 3, ""));
        sent.add(send((move + 1) % 3, ""));
        if (move % 2 == 0) {
          await(() -> device.heard().size() >= sent.size() - 1);
        }
        crowd.move(device, (move + 1) % 3);
      }
      await(() -> device.heard().size() >= sent.size());
      assertThat(device.heard()).containsExactlyElementsOf(sent);
      assertThat(device.offsets()).isSorted();
    }
  }

  @Test
  void receipts_of_all_nodes_add_up() throws Exception {
    try (Crowd crowd = new Crowd(6)) {
      String id = send(0, "");
      await(() -> {
        JsonNode broadcast = nodes.api(1).get("/broadcasts/" + id);
        return broadcast.path("delivered").asInt() == crowd.devices.size();
      });
      for (int i = 0; i < ClusterNodes.COUNT; i++) {
        JsonNode broadcast = nodes.api(i).get("/broadcasts/" + id);
        assertThat(broadcast.path("reached").asInt()).isEqualTo(crowd.devices.size());
        assertThat(broadcast.path("recipients").asInt()).isEqualTo(crowd.devices.size());
      }
    }
  }

  @Test
  void a_write_on_one_node_is_seen_by_the_next_read_on_another_in_every_dialect() throws Exception {
    for (int i = 0; i < 12; i++) {
      int writer = i % 3;
      int reader = (i + 1) % 3;
      String id = run + "-" + i;
      var _ = nodes.api(writer).insist("PUT", "/members/" + id, "{}");
      assertThat(nodes.api(reader).latest("/members/" + id).path("id").asText()).isEqualTo(id);

      String account = "{\"UserID\":\"%s-t\"}".formatted(id);
      await(() ->
          tencent(writer, "im_open_login_svc/account_import", account).contains("\"ErrorCode\":0"));
      assertThat(
              latest(
                  reader,
                  "im_open_login_svc/account_check",
                  "{\"CheckItem\":[{\"UserID\":\"%s-t\"}]}".formatted(id)))
          .contains("\"Imported\"");

      long user = 900_000L + i;
      registerByVolcengine(writer, user);
      BatchGetUserBody get = new BatchGetUserBody();
      get.setAppId((int) VENDOR_NUMBER);
      get.setUserIds(List.of(user));
      awaitUpToDate(reader);
      assertThat(sdk(reader).batchGetUser(get).getResult().getUsers()).hasSize(1);
    }
  }

  @Test
  void schedules_and_slices_happen_once() throws Exception {
    try (Crowd crowd = new Crowd(6)) {
      Instant start = Instant.now().plusSeconds(2);
      String id = send(2, ",\"startAt\":\"%s\",\"pacePerSecond\":2".formatted(start));
      await(() -> nodes.api(0).get("/broadcasts/" + id).path("state").asText().equals("completed"));
      await(() -> crowd.devices.stream().allMatch(device -> device.heard().contains(id)));
      JsonNode broadcast = nodes.api(1).get("/broadcasts/" + id);
      assertThat(broadcast.path("released").asInt()).isEqualTo(6);
      for (Device device : crowd.devices) {
        assertThat(device.heard()).containsExactly(id);
      }
      assertThat(crowd.devices.stream().map(device -> device.offsets().getFirst()).distinct())
          .as("two at a time")
          .hasSize(3);
    }
  }

  @Test
  void a_kick_on_one_node_ends_the_session_on_another() throws Exception {
    try (Crowd crowd = new Crowd(3)) {
      Device device = crowd.devices.get(1);
      String kick = "{\"UserID\":\"%s\"}".formatted(device.member());
      await(() -> tencent(0, "im_open_login_svc/kick", kick).contains("\"ErrorCode\":0"));
      await(() -> device.closeCode() == 4001);
    }
  }

  @Test
  void every_node_counts_who_is_online_at_all_of_them_and_says_how_old_that_is() throws Exception {
    try (Crowd crowd = new Crowd(6)) {
      for (int i = 0; i < ClusterNodes.COUNT; i++) {
        int node = i;
        await(() -> online(node) == crowd.devices.size());
        JsonNode count = count(node);
        assertThat(Instant.parse(count.path("onlineAsOf").asText()))
            .isBetween(Instant.now().minusSeconds(10), Instant.now().plusSeconds(1));
      }
      crowd.devices.get(1).stop();
      for (int i = 0; i < ClusterNodes.COUNT; i++) {
        int node = i;
        await(() -> online(node) == crowd.devices.size() - 1);
      }
    }
  }

  @Test
  void vendors_calls_know_on_every_node_who_is_online_at_another() throws Exception {
    String member = "1" + (System.nanoTime() % 1_000_000_000);
    var _ = nodes.api(0).insist("PUT", "/members/" + member, "{}");
    String status = "{\"To_Account\":[\"%s\"],\"IsNeedDetail\":1}".formatted(member);
    QueryOnlineStatusBody query = new QueryOnlineStatusBody();
    query.setAppId((int) VENDOR_NUMBER);
    query.setUserIds(List.of(Long.parseLong(member)));
    assertThat(latest(2, "openim/query_online_status", status)).contains("Offline");
    try (Crowd crowd = new Crowd(0)) {
      crowd.connect(member, 1);
      for (int i = 0; i < ClusterNodes.COUNT; i++) {
        int node = i;
        await(() -> tencent(node, "openim/query_online_status", status).contains("\"Online\""));
        assertThat(tencent(node, "openim/query_online_status", status))
            .contains("\"Detail\":[{\"Platform\":\"Web\",\"Status\":\"Online\"}]");
        assertThat(
                sdk(node).queryOnlineStatus(query).getResult().getQueryOnlineResults().get(member))
            .hasSize(1);
      }
    }
  }

  @Test
  void a_session_is_ended_by_its_id_through_any_node() throws Exception {
    try (Crowd crowd = new Crowd(1)) {
      Device device = crowd.devices.getFirst();
      String there = "/sessions?member=" + device.member();
      String id = nodes.api(0).get(there).path("sessions").path(0).path("id").asText();
      end(1, id);
      await(() -> device.closeCode() == 1012);
      String again = otherSession(there, id);

      // What it has there from one platform has the same name before and after.
      JsonNode seen = awaitOneSession(2, there);
      assertThat(seen.path("scope").asText()).isEqualTo("cell");
      String all = seen.path("sessions").path(0).path("id").asText();
      end(2, all);
      assertThat(otherSession(there, again)).isNotEqualTo(id);
    }
  }

  private static JsonNode awaitOneSession(int node, String there) throws Exception {
    AtomicReference<JsonNode> seen = new AtomicReference<>();
    await(() -> {
      seen.set(nodes.api(node).get(there));
      return seen.get().path("sessions").size() == 1;
    });
    return seen.get();
  }

  private static void end(int node, String session) throws Exception {
    await(() -> nodes.api(node).call("DELETE", "/sessions/" + session, "").statusCode() != 503);
  }

  /// The id of a member's only session at node 0, as soon as that is not this one.
  private static String otherSession(String there, String id) throws Exception {
    AtomicReference<String> other = new AtomicReference<>("");
    await(() -> {
      other.set(nodes.api(0).get(there).path("sessions").path(0).path("id").asText());
      return !other.get().isEmpty() && !other.get().equals(id);
    });
    return other.get();
  }

  @Test
  void devices_of_a_node_that_is_lost_are_offline_within_20_seconds() throws Exception {
    try (Crowd crowd = new Crowd(2)) {
      await(() -> online(0) == 2);
      nodes.kill(1);
      try {
        long begun = System.nanoTime();
        crowd.devices.get(1).stop();
        await(() -> online(0) == 1 && online(2) == 1);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(20));
      } finally {
        nodes.restart(1);
      }
      assertThat(online(1)).as("the node that is back knows the others").isEqualTo(1);
    }
  }

  @Test
  void every_node_lists_them_all_with_what_they_say_of_themselves() throws Exception {
    Set<String> apis = new TreeSet<>();
    for (int i = 0; i < ClusterNodes.COUNT; i++) {
      apis.add(api(i));
    }
    for (int i = 0; i < ClusterNodes.COUNT; i++) {
      int node = i;
      await(() -> apis.equals(listed(node).keySet()));
      assertThat(listed(node).values().stream().filter(each -> each.path("self").asBoolean()))
          .hasSize(1);
      await(() ->
          1
              == listed(node).values().stream()
                  .filter(each -> each.path("duties").asBoolean())
                  .count());
    }
    String lost = api(1);
    String id = listed(0).getOrDefault(lost, MissingNode.getInstance()).path("id").asText();
    nodes.kill(1);
    try {
      await(() -> !listed(0).containsKey(lost));
      assertThat(silent(0)).contains(id);
    } finally {
      nodes.restart(1);
    }
    await(() -> listed(0).containsKey(api(1)));
    assertThat(silent(0)).as("another run of the node").contains(id);
  }

  private static String api(int node) {
    return "127.0.0.1:" + nodes.api(node).port();
  }

  /// The nodes that are online by where their API listens, as one of them lists them.
  private static Map<String, JsonNode> listed(int node) {
    return nodes
        .server(node)
        .nodes()
        .valueStream()
        .filter(each -> each.path("online").asBoolean())
        // One that was just started has not said yet where it listens.
        .filter(each -> !each.path("api").asText().isEmpty())
        .collect(Collectors.toMap(each -> each.path("api").asText(), each -> each));
  }

  /// Ids of the others.
  private static List<String> silent(int node) {
    return nodes
        .server(node)
        .nodes()
        .valueStream()
        .filter(each -> !each.path("online").asBoolean())
        .map(each -> each.path("id").asText())
        .toList();
  }

  /// How many with this run's tag are connected, as a node knows it.
  private int online(int node) throws Exception {
    return count(node).path("online").asInt();
  }

  private JsonNode count(int node) throws Exception {
    HttpResponse<String> answer =
        nodes.api(node).call("POST", "/audience:count", "{\"audience\":\"tag:%s\"}".formatted(run));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Api.JSON.readTree(answer.body());
  }

  @Test
  void without_kafka_writes_answer_in_time_reads_go_on_and_it_recovers_by_itself()
      throws Exception {
    String id = run + "-kept";
    var _ = nodes.api(0).insist("PUT", "/members/" + id, "{}");
    List<String> codes = new ArrayList<>();
    List<Duration> took = new ArrayList<>();
    brokers.suspend(0);
    brokers.suspend(1);
    try {
      for (int i = 0; i < 4; i++) {
        long begun = System.nanoTime();
        HttpResponse<String> answer =
            nodes.api(i % 3).call("PUT", "/members/" + run + "-away-" + i, "{}");
        took.add(Duration.ofNanos(System.nanoTime() - begun));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
        codes.add(Api.JSON.readTree(answer.body()).path("code").asText());
        assertThat(tencent(i % 3, "im_open_login_svc/account_import", "{\"UserID\":\"x\"}"))
            .contains("\"ErrorCode\":70169");
      }
      assertThat(codes).isSubsetOf("try_again", "outcome_unknown").contains("try_again");
      assertThat(took.stream().sorted().toList().get(took.size() / 2))
          .as("%s", took)
          .isLessThan(Duration.ofSeconds(5));
      HttpResponse<String> read = nodes.api(1).call("GET", "/members/" + id, "");
      assertThat(read.statusCode()).isEqualTo(200);
      assertThat(read.headers().firstValue("Fanfare-Reads")).hasValue("local");
    } finally {
      brokers.resume(0);
      brokers.resume(1);
    }
    for (int i = 0; i < ClusterNodes.COUNT; i++) {
      Api api = nodes.api(i);
      await(() -> api.call("PUT", "/members/" + run + "-back", "{}").statusCode() / 100 == 2);
      await(() ->
          api.call("GET", "/members/" + id, "").headers().firstValue("Fanfare-Reads").isEmpty());
    }
  }

  /// Sends to everybody with this run's tag and returns the broadcast's id.
  private String send(int node, String more) throws Exception {
    String body = "{\"audience\":\"tag:%s\",\"message\":{\"body\":{}}%s}".formatted(run, more);
    return nodes
        .api(node)
        .insist("POST", "/broadcasts", body, "Idempotency-Key", UUID.randomUUID().toString())
        .path("id")
        .asText();
  }

  private static ImService sdk(int node) {
    ImService sdk = ImService.getInstance();
    sdk.setAccessKey("AKdev");
    sdk.setSecretKey("SKdev-secret-key-for-trying-out-only");
    sdk.setScheme("http");
    sdk.setHost("127.0.0.1:" + nodes.server(node).apiPort());
    return sdk;
  }

  private static void registerByVolcengine(int node, long id) throws Exception {
    RegisterUsersBodyUsersItem user = new RegisterUsersBodyUsersItem();
    user.setUserId(id);
    user.setNickName("n");
    user.setTags(List.of());
    user.setExt(Map.of());
    RegisterUsersBody body = new RegisterUsersBody();
    body.setAppId((int) VENDOR_NUMBER);
    body.setUsers(List.of(user));
    await(() -> sdk(node).registerUsers(body).getResponseMetadata().getError() == null);
  }

  /// What a node answers that knows what the others acknowledged.
  private static String latest(int node, String command, String body) throws Exception {
    awaitUpToDate(node);
    return tencent(node, command, body);
  }

  /// Waits until a node's reads are not local, which they are while it looks for a new leader.
  private static void awaitUpToDate(int node) throws Exception {
    var _ = nodes.api(node).latest("/broadcasts");
  }

  private static String tencent(int node, String command, String body) throws Exception {
    String sig = new TLSSigAPIv2(VENDOR_NUMBER, TENCENT_SECRET).genUserSig("administrator", 600);
    String query = "?sdkappid=%d&identifier=administrator&usersig=%s".formatted(VENDOR_NUMBER, sig);
    URI uri =
        URI.create("http://127.0.0.1:" + nodes.server(node).apiPort() + "/v4/" + command + query);
    HttpRequest request =
        HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString(body)).build();
    return nodes.api(node).http().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + SOON.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      Thread.sleep(50);
    }
  }

  /// Connected devices of new members with this run's tag, spread over the nodes.
  private final class Crowd implements AutoCloseable {
    private final List<Device> devices = new ArrayList<>();
    private final List<Api> places = new ArrayList<>();

    Crowd(int size) throws Exception {
      for (int i = 0; i < size; i++) {
        String member = run + "-device-" + i;
        String body = "{\"tags\":[\"%s\"]}".formatted(run);
        var _ = nodes.api(0).insist("PUT", "/members/" + member, body);
        connect(member, i % 3);
      }
      for (Device device : devices) {
        await(device::isConnected);
      }
    }

    /// Has a new device of a member connect to a node.
    void connect(String member, int node) {
      Api place = new Api();
      places.add(place);
      Device device = new Device(place, member, true);
      devices.add(device);
      move(device, node);
      Thread.startVirtualThread(device::run);
    }

    /// Has a device connect to another node.
    void move(Device device, int node) {
      places
          .get(devices.indexOf(device))
          .moveTo(nodes.server(node).apiPort(), nodes.server(node).gatewayPort());
      device.reconnect();
    }

    @Override
    public void close() {
      devices.forEach(device -> device.stop());
      places.forEach(Api::close);
    }
  }
}
