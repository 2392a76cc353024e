package dev.fanfare.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.PackagedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What every client library does, on a bad network and under a server that is killed and
/// restarted: it hears each broadcast once, in order, and what it processed is acknowledged.
///
/// The seed is printed; it decides where connections are cut and which frames are repeated. Replay
/// with `-Dseed=N`.
@Timeout(240)
abstract class DeviceClientContract {
  private static final int BURST = 60;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path data;

  private final long seed = Long.getLong("seed", new Random().nextLong());
  private final List<String> sent = new ArrayList<>();
  private final Backend backend = new Backend();
  private RoughProxy proxy;
  private Collector collector;
  private PackagedServer server;
  private Process device;

  /// The command that is a device, told where its collector is and where it keeps its position.
  /// Skips the test, saying why, where it cannot run.
  abstract List<String> command(String collector, Path home) throws Exception;

  /// `websocket` or `sse`.
  String transport() {
    return "websocket";
  }

  @BeforeEach
  void start() throws Exception {
    System.out.println(getClass().getSimpleName() + " seed " + seed);
    proxy = new RoughProxy(seed);
    collector = new Collector(options(), backend::token);
    startServer();
    assumeTrue(
        transport().equals("websocket") || backend.status(proxy.port(), "/sse") != 404,
        "skipped: this server has no server-sent events");
    backend.register();
    startDevice();
  }

  @AfterEach
  void stop() throws Exception {
    if (device != null) {
      device.descendants().forEach(ProcessHandle::destroyForcibly);
      device.destroyForcibly().waitFor();
    }
    server.close();
    collector.close();
    proxy.close();
    backend.close();
  }

  /// Deliveries are counted for what was sent after the kill: a crash may lose the last second of
  /// reports, and then those broadcasts are not known as reached.
  @Test
  void every_broadcast_is_heard_once_and_in_order_whatever_breaks() throws Exception {
    proxy.beRough(true);
    send(BURST);
    server.kill();
    startServer();
    send(BURST);
    server.close();
    startServer();
    send(BURST);
    await("all broadcasts", () -> heard().size() >= sent.size());
    proxy.beRough(false);
    String last = backend.send("{\"read\":true}");
    sent.add(last);
    await("the read of the last", () -> backend.count(last, "read") == 1);
    assertThat(heard()).isEqualTo(sent);
    for (String id : sent.subList(BURST, sent.size())) {
      await("the acknowledgement of " + id, () -> backend.count(id, "delivered") == 1);
    }
    assertThat(proxy.cuts()).as("cut connections").isPositive();
    assertThat(transport().equals("sse") || proxy.repeats() > 0).as("repeated frames").isTrue();
  }

  @Test
  void a_device_that_is_restarted_goes_on_where_it_ended() throws Exception {
    send(BURST);
    String last = sent.getLast();
    await("the acknowledgement", () -> backend.count(last, "delivered") == 1);
    stopDevice();
    send(BURST);
    startDevice();
    await("all broadcasts", () -> heard().size() >= sent.size());
    send(1);
    await("the last broadcast", () -> heard().contains(sent.getLast()));
    assertThat(heard()).isEqualTo(sent);
  }

  @Test
  void a_device_that_is_refused_learns_why_and_stays_away() throws Exception {
    stopDevice();
    staysAway(() -> "not.a.token", 401);
    staysAway(() -> backend.token("stranger"), 403);
  }

  private void staysAway(Supplier<String> token, int status) throws Exception {
    try (Collector refused = new Collector(options(), token)) {
      device = run(refused);
      await(
          "the refusal with " + status + " of " + refused.events(),
          () ->
              refused.events().stream()
                  .anyMatch(event ->
                      event.path("state").asText().equals("closed")
                          && event.path("status").asInt() == status));
      device.destroyForcibly().waitFor();
    }
  }

  private ObjectNode options() {
    return Backend.JSON
        .createObjectNode()
        .put("url", "http://127.0.0.1:" + proxy.port())
        .put("app", "demo")
        .put("transport", transport());
  }

  private void startServer() {
    server = PackagedServer.start(data.resolve("server"), "--dev");
    backend.moveTo(server.apiPort());
    proxy.moveTo(server.gatewayPort());
  }

  private void startDevice() throws Exception {
    long before = told("connected");
    device = run(collector);
    await("the first connection", () -> told("connected") > before);
  }

  private Process run(Collector from) throws Exception {
    Path home = Files.createDirectories(data.resolve("device"));
    return new ProcessBuilder(command(from.url(), home))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
        .start();
  }

  private void stopDevice() throws InterruptedException {
    device.destroy();
    assertThat(device.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("it ends").isTrue();
  }

  private Path log() {
    return data.resolve("device.log");
  }

  private void send(int broadcasts) {
    for (int n = 0; n < broadcasts; n++) {
      sent.add(backend.send("{\"n\":" + sent.size() + "}"));
    }
  }

  private List<String> heard() {
    return collector.events().stream()
        .filter(event -> event.path("type").asText().equals("broadcast"))
        .map(event -> event.path("id").asText())
        .toList();
  }

  private long told(String state) {
    return collector.events().stream()
        .filter(event -> event.path("state").asText().equals(state))
        .count();
  }

  private void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "waited in vain for %s; sent %d, heard %d; the last events: %s; the device said: %s"
                .formatted(what, sent.size(), heard().size(), lastEvents(), said()));
      }
      Thread.sleep(20);
    }
  }

  private List<JsonNode> lastEvents() {
    List<JsonNode> events = collector.events();
    return events.subList(Math.max(0, events.size() - 10), events.size());
  }

  private String said() {
    try {
      return Files.exists(log()) ? Files.readString(log()) : "nothing";
    } catch (IOException e) {
      return e.toString();
    }
  }
}
