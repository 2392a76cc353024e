package dev.fanfare.soak;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fanfare.PackagedServer;
import dev.fanfare.crowd.Crowd;
import dev.fanfare.crowd.CrowdDevice;
import dev.fanfare.crowd.Ear;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A broadcast each second to a crowd of which 5 % lose their connection each minute, some read
/// slowly and some not at all for a while. Everyone hears everything once and in order, the server
/// counts everyone once, its memory stays flat and its log holds no complaint.
///
/// One minute with 2,000 devices; 30 minutes with 15,000 with `-Dlong=true`. The seed is printed
/// and decides who does what when; replay with `-Dseed=N`.
final class SoakIT {
  private static final boolean LONG = Boolean.getBoolean("long");
  private static final int DEVICES = LONG ? 15_000 : 2_000;
  private static final int SECONDS = LONG ? 1_800 : 60;
  private static final int PER_CALL = 1_000;

  /// Some read nothing but once in this many seconds, and as many nothing for a third of the time.
  private static final int SLOW_SECONDS = 5;

  private static final int SLOW_SHARE = 50;

  /// Half as long again as the longest time in which some read nothing.
  private static final int LIFETIME_SECONDS = 60 + SECONDS / 2;

  private static final Pattern USED = Pattern.compile("used (\\d+)K");
  private static final long GROWTH_KILOBYTES = 16 << 10;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<String> sent = new ArrayList<>();

  @TempDir private Path data;

  @Test
  void everyone_hears_everything_once_while_memory_stays_flat() throws Exception {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("SoakIT seed " + seed);
    Random random = new Random(seed);
    try (PackagedServer server = PackagedServer.start(data, "--dev");
        Crowd crowd = new Crowd(server::gatewayPort, deviceKey(server))) {
      register(server);
      for (int i = 1; i <= DEVICES; i++) {
        crowd.add("m" + i, new InOrder());
      }
      await("everyone is connected", () -> connected(crowd) == DEVICES);
      long early = 0;
      for (int second = 0; second < SECONDS; second++) {
        if (second == SECONDS / 4) {
          early = liveKilobytes(server);
        }
        second(server, crowd, second, random);
      }
      crowd.devices().forEach(device -> Crowd.reads(device, true));
      await("everyone heard everything", () -> behind(crowd).isEmpty());
      assertThat(troubles(crowd)).isEmpty();
      long late = liveKilobytes(server);
      System.out.printf("SoakIT live heap %d KB, then %d KB%n", early, late);
      assertThat(late - early).as("growth of the live heap, KB").isLessThan(GROWTH_KILOBYTES);
      crowd.acknowledgeAll();
      checkCounters(server);
      assertThat(complaints(server)).isEmpty();
    }
  }

  /// Has to hear the broadcasts 0, 1, 2, … each once and in this order.
  private static final class InOrder implements Ear {
    private int next;

    @Override
    public @Nullable String hear(long offset, int number) {
      String wrong = number == next ? null : "heard " + number + " instead of " + next;
      next = number + 1;
      return wrong;
    }
  }

  /// One second: a broadcast, some lost connections, and readers that come and go.
  private void second(PackagedServer server, Crowd crowd, int second, Random random)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    send(server, second, random);
    int lost = DEVICES * 5 / 100 * (second + 1) / 60 - DEVICES * 5 / 100 * second / 60;
    crowd.cut(random, lost);
    List<CrowdDevice> devices = crowd.devices();
    for (int i = 0; i < DEVICES; i += SLOW_SHARE) {
      Crowd.reads(devices.get(i), second % SLOW_SECONDS == 0);
      Crowd.reads(devices.get(i + 1), second < SECONDS / 3 || second > 2 * SECONDS / 3);
    }
    long left = TimeUnit.SECONDS.toNanos(1) - (System.nanoTime() - began);
    Thread.sleep(Duration.ofNanos(Math.max(0, left)));
  }

  private static String deviceKey(PackagedServer server) {
    return Objects.requireNonNull(
            server.credentials().findValue("deviceKey"), "the first app has a device key")
        .asText();
  }

  private void register(PackagedServer server) throws IOException, InterruptedException {
    for (int from = 1; from <= DEVICES; from += PER_CALL) {
      String operations =
          IntStream.range(from, Math.min(from + PER_CALL, DEVICES + 1))
              .mapToObj("{\"put\":{\"id\":\"m%d\"}}"::formatted)
              .collect(Collectors.joining(","));
      var _ = call(server, "POST", "/members:batch", "{\"operations\":[" + operations + "]}");
    }
  }

  private void send(PackagedServer server, int number, Random random)
      throws IOException, InterruptedException {
    String text = "x".repeat(random.nextInt(20) == 0 ? 20_000 : random.nextInt(1_000));
    String body =
        "{\"audience\":\"everyone\",\"ttlSeconds\":%d,\"message\":{\"body\":{\"number\":%d,\"text\":\"%s\"}}}"
            .formatted(LIFETIME_SECONDS, number, text);
    sent.add(call(server, "POST", "/broadcasts", body).path("id").asText());
  }

  private JsonNode call(PackagedServer server, String method, String path, String body)
      throws IOException, InterruptedException {
    String uri = "http://127.0.0.1:" + server.apiPort() + "/v1/apps/demo" + path;
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(uri))
            .header("Authorization", "Bearer dev-api-key")
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    assertThat(answer.statusCode()).as("%s", answer.body()).isBetween(200, 299);
    return JSON.readTree(answer.body());
  }

  private static long connected(Crowd crowd) {
    return crowd.devices().stream().filter(device -> device.channel() != null).count();
  }

  /// Who has not heard everything, the first few.
  private List<String> behind(Crowd crowd) {
    return crowd.devices().stream()
        .filter(device -> device.heard() < sent.size() && device.trouble() == null)
        .limit(5)
        .map(device -> device.member() + " heard " + device.heard())
        .toList();
  }

  private static List<String> troubles(Crowd crowd) {
    return crowd.devices().stream()
        .map(CrowdDevice::trouble)
        .filter(Objects::nonNull)
        .limit(5)
        .toList();
  }

  /// What the server's heap holds after a full collection.
  private static long liveKilobytes(PackagedServer server)
      throws IOException, InterruptedException {
    var _ = jcmd(server, "GC.run");
    Matcher used = USED.matcher(jcmd(server, "GC.heap_info"));
    assertThat(used.find()).isTrue();
    return Long.parseLong(used.group(1));
  }

  private static String jcmd(PackagedServer server, String command)
      throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process process =
        new ProcessBuilder(jcmd, Long.toString(server.pid()), command)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s", output).isZero();
    return output;
  }

  private void checkCounters(PackagedServer server) throws IOException, InterruptedException {
    for (String id : sent) {
      await(
          "everyone is counted once for " + id,
          () -> {
            JsonNode counters = broadcast(server, id);
            return counters.findValue("reached").asInt() == DEVICES
                && counters.findValue("delivered").asInt() == DEVICES;
          });
    }
  }

  private JsonNode broadcast(PackagedServer server, String id) {
    try {
      return call(server, "GET", "/broadcasts/" + id, "");
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> complaints(PackagedServer server) {
    return server
        .output()
        .lines()
        .filter(line -> line.contains(" ERROR ") || line.contains(" WARN "))
        .toList();
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("never: %s", what).isLessThan(deadline);
      Thread.sleep(50);
    }
  }
}
