package dev.fanfare.crash;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.tencentyun.TLSSigAPIv2;
import dev.fanfare.PackagedServer;
import dev.fanfare.volcengine.SignedClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk that is full, or that takes no writes: they are refused with each dialect's *try again*,
/// reads and devices go on, and when there is space again so do writes, without a restart and with
/// everything that was acknowledged.
///
/// Needs root, to mount a small disk of its own under the store.
final class DiskIT {
  private static final int DISK_MEGABYTES = 256;
  private static final Duration WITHIN = Duration.ofMinutes(2);

  /// Of a tag, so that a write has some size.
  private static final String LONG = "x".repeat(200);

  private final Api api = new Api();

  /// Members whose registration was acknowledged, and when the call began.
  private final Map<String, Long> registered = new ConcurrentHashMap<>();

  private final List<Device> devices = new ArrayList<>();

  private volatile boolean stopping;

  @TempDir private Path data;
  private Path disk = Path.of("");
  private boolean mounted;

  @BeforeEach
  void mount() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "mounting a disk needs root");
    disk = Files.createDirectories(data.resolve("store"));
    mounted =
        run("mount", "-t", "tmpfs", "-o", "size=" + DISK_MEGABYTES + "m", "tmpfs", disk + "") == 0;
    assumeTrue(mounted, "this machine lets nobody mount a disk");
  }

  @AfterEach
  void unmount() throws Exception {
    api.close();
    if (mounted) {
      assertThat(run("umount", disk.toString())).isZero();
    }
  }

  @Test
  void little_space_refuses_writes_before_the_disk_is_full() throws Exception {
    exercise(
        "64MiB",
        server -> {
          fill(48);
          return () -> Files.delete(filler());
        });
  }

  /// Nothing is held back, so that the store itself meets the end of the disk.
  @Test
  void a_full_disk_fails_the_store_which_recovers() throws Exception {
    exercise(
        "0B",
        server -> {
          fill(0);
          awaitTrouble(server, "the store failed and is being reopened");
          assertThat(server.output()).contains("No space left on device");
          return () -> Files.delete(filler());
        });
  }

  /// Every write of every file fails, those that are open included, as on a disk that the kernel
  /// made read-only: `mount` itself does not, while files are open for writing.
  @Test
  void a_disk_that_takes_no_write_fails_the_store_which_recovers() throws Exception {
    exercise(
        "1MiB",
        server -> {
          String pid = "--pid=" + server.pid();
          assertThat(run("prlimit", pid, "--fsize=0:unlimited")).isZero();
          awaitTrouble(server, "the store failed and is being reopened");
          return () -> assertThat(run("prlimit", pid, "--fsize=unlimited:unlimited")).isZero();
        });
  }

  /// Breaks the disk of a running server.
  private interface Fault {
    /// Returns what mends it.
    Repair strike(PackagedServer server) throws Exception;
  }

  private interface Repair {
    void mend() throws Exception;
  }

  private void exercise(String minFree, Fault fault) throws Exception {
    PackagedServer server = PackagedServer.start(data, "--dev", "--min-free-space", minFree);
    server.lift();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      api.moveTo(server.apiPort(), server.gatewayPort());
      try {
        breakAndMend(server, fault, threads);
      } finally {
        stopping = true;
        devices.forEach(Device::stop);
        server.kill();
      }
    }
    server = PackagedServer.start(data, "--dev", "--min-free-space", minFree);
    api.moveTo(server.apiPort(), server.gatewayPort());
    assertEverythingIsThere();
    server.close();
  }

  private void breakAndMend(PackagedServer server, Fault fault, ExecutorService threads)
      throws Exception {
    register("away");
    Device connected = device(register("connected"), threads);
    List<Future<?>> writers = new ArrayList<>();
    for (int writer = 0; writer < 4; writer++) {
      String name = "w" + writer;
      writers.add(threads.submit(() -> write(name)));
    }
    String first = send("first");
    await("the first broadcast", () -> connected.heard().contains(first));

    Repair repair = fault.strike(server);
    awaitRefusal();
    long refused = System.nanoTime();
    assertRefused(server);
    assertReads(first);
    Device away = device("away", threads);
    await("who was away catches up", () -> away.heard().contains(first));
    assertThat(begunAfter(refused)).as("nothing was taken meanwhile").isZero();

    repair.mend();
    await("writes are taken again", () -> begunAfter(refused) > 0);
    String second = send("second");
    await("it reaches who stayed", () -> connected.heard().equals(List.of(first, second)));
    await("and who came", () -> away.heard().equals(List.of(first, second)));
    stopping = true;
    for (Future<?> writer : writers) {
      writer.get();
    }
    assertEverythingIsThere();
    assertThat(ProcessHandle.of(server.pid())).as("the same process").isPresent();
  }

  private Device device(String member, ExecutorService threads) {
    Device device = new Device(api, member, false);
    devices.add(device);
    var _ = threads.submit(device::run);
    return device;
  }

  /// How many acknowledged registrations began after a moment. What was under way when the disk
  /// failed may still be answered, also as done.
  private long begunAfter(long nanos) {
    return registered.values().stream().filter(began -> began - nanos > 0).count();
  }

  /// Registers members until it is told to stop; what is refused or not answered comes again.
  private void write(String name) {
    int next = 0;
    while (!stopping) {
      String id = name + "-" + next;
      try {
        long began = System.nanoTime();
        HttpResponse<String> answer = put(id);
        if (answer.statusCode() == 200) {
          registered.put(id, began);
          next++;
        } else {
          assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
        }
      } catch (HttpTimeoutException _) {
        // It waits for the store, and the next one is refused.
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private HttpResponse<String> put(String id) throws IOException, InterruptedException {
    StringBuilder tags = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      tags.append(i == 0 ? "" : ",").append('"').append(id).append(LONG).append(i).append('"');
    }
    return api.call("PUT", "/members/" + id, "{\"tags\":[" + tags + "]}");
  }

  private String register(String id) throws Exception {
    long began = System.nanoTime();
    assertThat(put(id).statusCode()).isEqualTo(200);
    registered.put(id, began);
    return id;
  }

  private String send(String text) throws Exception {
    HttpResponse<String> answer =
        api.call(
            "POST",
            "/broadcasts",
            "{\"audience\":{\"members\":[\"connected\",\"away\"]},\"message\":{\"body\":\""
                + text
                + "\"}}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return Api.JSON.readTree(answer.body()).path("id").asText();
  }

  private void awaitRefusal() throws Exception {
    await("writes are refused", () -> put("refused").statusCode() == 503);
  }

  private void assertRefused(PackagedServer server) throws Exception {
    HttpResponse<String> ours = put("refused");
    assertThat(ours.statusCode()).isEqualTo(503);
    assertThat(ours.body()).contains("\"try_again\"");

    SignedClient volcengine = new SignedClient(server);
    String user = "{\"UserId\":77,\"NickName\":\"n\"}";
    HttpResponse<String> vendor =
        volcengine.send(
            "RegisterUsers", "{\"AppId\":" + volcengine.appId() + ",\"Users\":[" + user + "]}");
    assertThat(vendor.statusCode()).isEqualTo(503);
    assertThat(vendor.body()).contains("ServiceUnavailableTemp");

    assertThat(tencent(server, "all_member_push/im_push", PUSH)).isEqualTo(91_000);
    assertThat(tencent(server, "im_open_login_svc/account_import", "{\"UserID\":\"t\"}"))
        .isEqualTo(70_169);
  }

  private static final String PUSH =
      "{\"MsgRandom\":5,\"MsgBody\":[{\"MsgType\":\"TIMTextElem\","
          + "\"MsgContent\":{\"Text\":\"t\"}}]}";

  /// The ErrorCode of an answer of the Tencent dialect.
  private int tencent(PackagedServer server, String command, String body) throws Exception {
    JsonNode app = server.credentials().at("/apps/0/tencent");
    long sdkAppId = app.path("sdkAppId").asLong();
    String administrator = app.path("administrator").asText();
    String sig =
        new TLSSigAPIv2(sdkAppId, app.path("secretKey").asText()).genUserSig(administrator, 600);
    String target =
        "http://127.0.0.1:%d/v4/%s?sdkappid=%d&identifier=%s&usersig=%s"
            .formatted(server.apiPort(), command, sdkAppId, administrator, sig);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(target)).POST(BodyPublishers.ofString(body)).build();
    String answer = api.http().send(request, BodyHandlers.ofString()).body();
    return Api.JSON.readTree(answer).path("ErrorCode").asInt();
  }

  private void assertReads(String broadcast) throws Exception {
    assertThat(api.get("/members/connected").path("id").asText()).isEqualTo("connected");
    assertThat(api.get("/broadcasts/" + broadcast).path("recipients").asInt()).isEqualTo(2);
    HttpResponse<String> count = api.call("POST", "/audience:count", "{\"audience\":\"everyone\"}");
    assertThat(count.statusCode()).as(count.body()).isEqualTo(200);
    assertThat(Api.JSON.readTree(count.body()).path("matched").asInt())
        .isGreaterThanOrEqualTo(registered.size());
  }

  private void assertEverythingIsThere() throws Exception {
    for (String id : registered.keySet()) {
      assertThat(api.get("/members/" + id).path("tags")).hasSize(20);
    }
  }

  private void awaitTrouble(PackagedServer server, String trouble) throws Exception {
    HttpRequest ready =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.apiPort() + "/readyz"))
            .build();
    await(trouble, () -> api.http().send(ready, BodyHandlers.ofString()).body().contains(trouble));
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + WITHIN.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("%s within %s", what, WITHIN).isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  private Path filler() {
    return disk.resolve("filler");
  }

  /// Takes the space of the disk but for some megabytes. The server writes meanwhile, so the last
  /// piece need not fit.
  private void fill(int left) throws IOException {
    ByteBuffer piece = ByteBuffer.allocate(1 << 16);
    try (FileChannel filler = FileChannel.open(filler(), CREATE_NEW, WRITE)) {
      while (Files.getFileStore(disk).getUsableSpace() > (long) left << 20) {
        filler.write(piece.clear());
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left on device");
    }
  }

  private static int run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).as(String.join(" ", command)).isTrue();
    return process.exitValue();
  }
}
