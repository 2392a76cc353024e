package dev.fanfare.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.PackagedServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One paced broadcast to many members: paused, re-paced, killed, resumed and recalled, with exact
/// counters at each step and devices that heard it once. 200,000 members, a million with
/// `-Dlong=true`.
final class BroadcastLifeIT {
  private static final int MEMBERS = Boolean.getBoolean("long") ? 1_000_000 : 200_000;

  /// Batches that are registered at a time.
  private static final int CALLERS = 16;

  private static final int BATCH = 1_000;

  /// So many that a device belongs to each twentieth of the members.
  private static final int DEVICES = 20;

  /// So slow that a restart on a busy machine is over long before the broadcast.
  private static final int PACE = MEMBERS / 50;

  private static final int NEXT_PACE = MEMBERS / 40;
  private static final Duration LOST = Duration.ofSeconds(3);
  private static final Duration WITHIN = Duration.ofSeconds(60);

  @TempDir private Path data;

  private final Api api = new Api();
  private final List<Device> devices = new ArrayList<>();
  private PackagedServer server;
  private String path = "";
  private Instant killed = Instant.EPOCH;

  BroadcastLifeIT() {
    for (int i = 0; i < DEVICES; i++) {
      devices.add(new Device(api, "m" + i * (MEMBERS / DEVICES), true));
    }
  }

  @Test
  void counters_are_exact_through_pause_pace_kill_and_recall() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      register(threads);
      for (Device device : devices) {
        var _ = threads.submit(device::run);
      }
      try {
        awaitOnline();
        live();
      } finally {
        devices.forEach(Device::stop);
        server.close();
      }
    } finally {
      api.close();
    }
  }

  private void live() throws Exception {
    send();
    await(broadcast -> released(broadcast) >= 3 * PACE);
    JsonNode paused = change("pause", "");
    assertThat(paused.path("recipients").asInt()).isEqualTo(MEMBERS);
    assertThat(released(paused) % PACE).isZero();

    JsonNode paced = change("pace", "{\"pacePerSecond\":" + NEXT_PACE + "}");
    assertThat(paced.path("state").asText()).isEqualTo("paused");
    Thread.sleep(2_200);
    assertThat(released(api.get(path))).as("a pause holds").isEqualTo(released(paused));

    change("resume", "");
    await(broadcast -> released(broadcast) > released(paused));
    killed = Instant.now();
    server.kill();
    start();
    JsonNode revived = api.get(path);
    assertThat(revived.path("state").asText()).isEqualTo("running");
    assertThat((released(revived) - released(paused)) % NEXT_PACE).isZero();
    assertThat(released(revived)).isGreaterThan(released(paused));
    await(broadcast -> released(broadcast) > released(revived));

    JsonNode stopped = change("pause", "");
    assertThat((released(stopped) - released(paused)) % NEXT_PACE).isZero();
    assertThat(released(stopped)).isLessThan(MEMBERS);
    checkDevices(stopped);
    recall(stopped);
  }

  private void send() throws Exception {
    String body =
        "{\"audience\":\"tag:all\",\"message\":{\"body\":1},\"pacePerSecond\":%d}".formatted(PACE);
    HttpResponse<String> sent = api.call("POST", "/broadcasts", body, "Idempotency-Key", "one");
    assertThat(sent.statusCode()).as(sent.body()).isEqualTo(201);
    path = "/broadcasts/" + Api.JSON.readTree(sent.body()).path("id").asText();
    HttpResponse<String> again = api.call("POST", "/broadcasts", body, "Idempotency-Key", "one");
    assertThat(again.statusCode()).isEqualTo(200);
  }

  /// Devices heard it once if their slice was released, and not at all otherwise; the counters, the
  /// lists and each member's reason say the same. A kill may lose the reports of the second before
  /// it, and no others.
  private void checkDevices(JsonNode stopped) throws Exception {
    Set<String> delivered = new TreeSet<>();
    await(_ -> {
      delivered.clear();
      return devices.stream().allMatch(device -> isSettled(device, delivered));
    });
    JsonNode reported = await(this::countersAreTheLists);
    assertThat(released(reported)).isEqualTo(released(stopped));
    for (Device device : devices) {
      int times = answer(device.member()).equals("paused") ? 0 : 1;
      assertThat(device.heard()).as(device.member()).hasSize(times);
    }
    assertThat(listed("delivered")).isNotEmpty().containsAll(delivered);
  }

  /// Whether the counters are as long as their lists. A report may come in between, then they are
  /// so a moment later.
  private boolean countersAreTheLists(JsonNode broadcast) {
    Set<String> reached = listed("reached");
    Set<String> delivered = listed("delivered");
    return broadcast.path("reached").asInt() == reached.size()
        && broadcast.path("delivered").asInt() == delivered.size()
        && reached.containsAll(delivered);
  }

  private Set<String> listed(String status) {
    try {
      return api.get(path + "/recipients?status=" + status)
          .path("recipients")
          .valueStream()
          .map(recipient -> recipient.path("id").asText())
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /// Whether nothing is to come for a device, whose member is added when it is known to have it.
  private boolean isSettled(Device device, Set<String> delivered) {
    try {
      JsonNode why = api.get(path + "/recipients/" + device.member());
      if (why.path("answer").asText().equals("delivered")) {
        return delivered.add(device.member());
      }
      if (why.path("answer").asText().equals("paused")) {
        return true;
      }
      Duration before = Duration.between(Instant.parse(why.path("releasedAt").asText()), killed);
      return !before.isNegative() && before.compareTo(LOST) < 0 && device.heard().size() == 1;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void recall(JsonNode stopped) throws Exception {
    for (int i = 0; i < 2; i++) {
      JsonNode recalled = change("recall", "");
      assertThat(recalled.path("state").asText()).isEqualTo("recalled");
      assertThat(released(recalled)).isEqualTo(released(stopped));
    }
    assertThat(api.call("POST", path + ":resume", "").statusCode()).isEqualTo(409);
    for (Device device : devices) {
      assertThat(answer(device.member())).isIn("delivered", "recalled");
    }
    String events = api.call("GET", path + "/events", "").body();
    assertThat(events).contains("event: end", "\"state\":\"recalled\"");
    JsonNode points = api.get(path + "/timeline").path("points");
    assertThat(released(points.path(points.size() - 1))).isEqualTo(released(stopped));
    assertThat(points.size()).isGreaterThan(3);
    assertThat(api.get("/broadcasts?state=recalled").path("broadcasts")).hasSize(1);
  }

  private static int released(JsonNode broadcast) {
    return broadcast.path("released").asInt();
  }

  private String answer(String member) throws Exception {
    return api.get(path + "/recipients/" + member).path("answer").asText();
  }

  private JsonNode change(String verb, String body) throws Exception {
    HttpResponse<String> answer = api.call("POST", path + ":" + verb, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Api.JSON.readTree(answer.body());
  }

  private JsonNode await(Predicate<JsonNode> condition) throws Exception {
    long deadline = System.nanoTime() + WITHIN.toNanos();
    JsonNode broadcast = api.get(path);
    while (!condition.test(broadcast)) {
      assertThat(System.nanoTime()).as("%s", broadcast).isLessThan(deadline);
      Thread.sleep(20);
      broadcast = api.get(path);
    }
    return broadcast;
  }

  private void awaitOnline() throws Exception {
    long deadline = System.nanoTime() + WITHIN.toNanos();
    while (online() < DEVICES) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(50);
    }
  }

  private int online() throws IOException, InterruptedException {
    String answer = api.call("POST", "/audience:count", "{\"audience\":\"tag:all\"}").body();
    return Api.JSON.readTree(answer).path("online").asInt();
  }

  @BeforeEach
  void start() {
    server = PackagedServer.start(data, "--dev");
    api.moveTo(server.apiPort(), server.gatewayPort());
  }

  private void register(ExecutorService threads) throws Exception {
    List<Future<Integer>> batches = new ArrayList<>();
    Semaphore callers = new Semaphore(CALLERS);
    for (int from = 0; from < MEMBERS; from += BATCH) {
      String operations =
          IntStream.range(from, from + BATCH)
              .mapToObj(i -> "{\"put\":{\"id\":\"m" + i + "\",\"tags\":[\"all\"]}}")
              .collect(Collectors.joining(",", "{\"operations\":[", "]}"));
      callers.acquire();
      batches.add(
          threads.submit(() -> {
            try {
              return api.call("POST", "/members:batch", operations).statusCode();
            } finally {
              callers.release();
            }
          }));
    }
    for (Future<Integer> batch : batches) {
      assertThat(batch.get()).isEqualTo(200);
    }
  }
}
