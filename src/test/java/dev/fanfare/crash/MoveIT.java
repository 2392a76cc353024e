package dev.fanfare.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.PackagedServer;
import dev.fanfare.journal.kafka.KafkaBrokers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A cell moves from the embedded journal to Kafka and back, by backups of stopped nodes, while
/// broadcasts run and devices stay or stay away. On Kafka its topic is trimmed, a node that was
/// left behind by that begins anew, and so does a new one.
@Timeout(600)
final class MoveIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  /// So many that one a second is not done before the end.
  private static final int MEMBERS = 240;

  private static final int DEVICES = 4;

  @TempDir private Path root;

  private final String topic = "move-" + UUID.randomUUID();
  private final KafkaBrokers brokers = KafkaBrokers.shared();
  private final Api api = new Api();
  private final List<Device> devices = new ArrayList<>();
  private final List<PackagedServer> servers = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    devices.forEach(Device::stop);
    servers.forEach(PackagedServer::kill);
    api.close();
  }

  private PackagedServer serve(String data, String... more) {
    List<String> arguments = new ArrayList<>(List.of("--dev"));
    arguments.addAll(List.of(more));
    PackagedServer server =
        PackagedServer.start(root.resolve(data), arguments.toArray(String[]::new));
    servers.add(server);
    return server;
  }

  private PackagedServer serveOnKafka(String data) {
    return serve(
        data,
        "--journal",
        "kafka",
        "--kafka-bootstrap-servers",
        brokers.servers(),
        "--kafka-topic",
        topic,
        "--backup-dir",
        backups().toString(),
        "--journal-seconds",
        "1");
  }

  private Path backups() {
    return root.resolve("backups");
  }

  /// Calls and devices go to this server from now on.
  private void use(PackagedServer server) {
    api.moveTo(server.apiPort(), server.gatewayPort());
  }

  @Test
  void a_cell_moves_to_kafka_and_back_and_nobody_notices() throws Exception {
    PackagedServer embedded = serve("data");
    embedded.lift();
    use(embedded);
    register();
    connect();
    String early = send("everyone", "");
    String paced = send("tag:paced", ",\"pacePerSecond\":1");
    String soon = send("tag:device", at(Duration.ofSeconds(20)));
    String late = send("tag:device", at(Duration.ofHours(1)));
    await(() -> broadcast(early).path("delivered").asInt() == DEVICES / 2);
    JsonNode earlyBefore = broadcast(early);
    Map<String, JsonNode> membersBefore = members();
    embedded.close();
    PackagedServer.fanfare(
        "backup", backups().toString(), "--stopped", root.resolve("data").toString());

    List<PackagedServer> nodes =
        Stream.of("node-1", "node-2").parallel().map(this::serveOnKafka).toList();
    PackagedServer first = nodes.getFirst();
    PackagedServer second = nodes.getLast();
    use(first);
    assertThat(members()).isEqualTo(membersBefore);
    assertThat(broadcast(early)).isEqualTo(earlyBefore);
    int released = broadcast(paced).path("released").asInt();
    assertThat(released).isPositive();
    assertThat(broadcast(late).path("state").asText()).isEqualTo("scheduled");
    String onKafka = send("tag:device", "");
    await(() -> broadcast(soon).path("state").asText().equals("completed"));
    second.kill();
    assertThat(call("PUT", "/members/new", "{\"tags\":[\"on-kafka\"]}").statusCode())
        .isEqualTo(200);
    trim(first, end());
    assertThatThrownBy(() -> serveOnKafka("node-2"))
        .hasMessageContaining("what it needs was trimmed")
        .hasMessageContaining("start on an empty one with backup-dir set");
    PackagedServer anew = serveOnKafka("node-2-anew");
    use(anew);
    membersBefore = members();
    assertThat(membersBefore).hasSize(MEMBERS + 1);
    assertThat(broadcast(early)).isEqualTo(earlyBefore);
    use(first);
    anew.close();
    JsonNode soonBefore = broadcast(soon);
    JsonNode pacedBefore = broadcast(paced);
    assertThat(pacedBefore.path("state").asText()).isEqualTo("running");
    assertThat(pacedBefore.path("released").asInt()).isGreaterThan(released);
    first.close();
    PackagedServer.fanfare(
        "backup", backups().toString(), "--stopped", root.resolve("node-1").toString());
    PackagedServer.fanfare(
        "restore", backups().toString(), "--data", root.resolve("back").toString());

    PackagedServer back = serve("back");
    use(back);
    assertThat(members()).isEqualTo(membersBefore);
    assertThat(broadcast(early)).isEqualTo(earlyBefore);
    assertThat(broadcast(soon)).isEqualTo(soonBefore);
    assertThat(broadcast(paced).path("released").asInt())
        .isGreaterThanOrEqualTo(pacedBefore.path("released").asInt());
    assertThat(call("POST", "/broadcasts/" + late + ":cancel", "").statusCode()).isEqualTo(200);
    String last = send("tag:device", "");
    assertThat(
            call("POST", "/broadcasts/" + paced + ":pace", "{\"pacePerSecond\":1000}").statusCode())
        .isEqualTo(200);
    await(() -> broadcast(paced).path("state").asText().equals("completed"));
    devices.subList(DEVICES / 2, DEVICES).forEach(MoveIT::run);
    for (Device device : devices) {
      await(() -> device.heard().size() >= 5);
      assertThat(device.heard()).containsExactlyInAnyOrder(early, paced, soon, onKafka, last);
      assertThat(device.offsets()).isSorted();
      assertThat(device.gaps()).as("told that it may have missed something").isEmpty();
    }
    await(() -> broadcast(early).path("delivered").asInt() == DEVICES);
    assertThat(broadcast(paced).path("released").asInt()).isEqualTo(MEMBERS);
    back.close();
  }

  private void register() throws Exception {
    for (int i = 0; i < MEMBERS; i++) {
      String tags = i < DEVICES ? "[\"paced\",\"device\"]" : "[\"paced\"]";
      HttpResponse<String> answer = call("PUT", "/members/m" + i, "{\"tags\":" + tags + "}");
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }
  }

  /// Half of the devices are there all the time, the others come at the end.
  private void connect() throws Exception {
    for (int i = 0; i < DEVICES; i++) {
      devices.add(new Device(api, "m" + i, true));
    }
    for (Device device : devices.subList(0, DEVICES / 2)) {
      run(device);
      await(device::isConnected);
    }
  }

  private static void run(Device device) {
    var _ = Thread.startVirtualThread(device::run);
  }

  private static String at(Duration later) {
    return ",\"startAt\":\"%s\"".formatted(Instant.now().plus(later));
  }

  private String send(String audience, String more) throws Exception {
    String body = "{\"audience\":\"%s\",\"message\":{\"body\":{}}%s}".formatted(audience, more);
    HttpResponse<String> answer = call("POST", "/broadcasts", body);
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 202);
    return Api.JSON.readTree(answer.body()).path("id").asText();
  }

  private HttpResponse<String> call(String method, String path, String body) throws Exception {
    return api.call(method, path, body);
  }

  private JsonNode broadcast(String id) throws Exception {
    return api.get("/broadcasts/" + id);
  }

  private Map<String, JsonNode> members() throws Exception {
    Map<String, JsonNode> members = new TreeMap<>();
    for (JsonNode member : api.get("/members?audience=everyone&limit=1000").path("members")) {
      members.put(member.path("id").asText(), member);
    }
    return members;
  }

  /// Makes a backup of a node on Kafka and waits until the topic begins at an offset or later.
  private void trim(PackagedServer node, long offset) throws Exception {
    PackagedServer.fanfare(
        "backup",
        backups().toString(),
        "--server",
        "http://127.0.0.1:" + node.apiPort(),
        "--key",
        "dev-admin-key");
    try (Admin admin = brokers.admin()) {
      await(() -> offset(admin, OffsetSpec.earliest()) >= offset);
    }
  }

  private long end() throws Exception {
    try (Admin admin = brokers.admin()) {
      return offset(admin, OffsetSpec.latest());
    }
  }

  private long offset(Admin admin, OffsetSpec which) throws Exception {
    TopicPartition partition = new TopicPartition(topic, 0);
    return admin.listOffsets(Map.of(partition, which)).partitionResult(partition).get().offset();
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + SOON.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      Thread.sleep(50);
    }
  }
}
