package dev.fanfare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fanfare.replica.Replay;
import dev.fanfare.schema.Entry;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.RocksStore;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Backups of the packaged server while members change and broadcasts go out, its death, and what
/// is restored: member by member, by the checksum of the state, and as devices hear it.
final class BackupIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MEMBERS = 2_000;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path root;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private Path data = Path.of("");
  private Path backups = Path.of("");
  private PackagedServer server;
  private String err = "";

  @BeforeEach
  void start() {
    data = root.resolve("data");
    backups = root.resolve("backups");
    server = PackagedServer.start(data, "--dev");
  }

  @AfterEach
  void stop() {
    server.close();
    http.close();
  }

  /// What a command prints when it ends with this code.
  private String fanfare(int expected, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(errors, true), arguments);
    err = errors.toString();
    assertThat(code).as("%s", err).isEqualTo(expected);
    return out.toString();
  }

  private JsonNode json(String... arguments) {
    try {
      return JSON.readTree(fanfare(0, arguments));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private HttpResponse<String> call(String method, String path, String body) {
    try {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.apiPort() + path))
              .header("Authorization", "Bearer dev-admin-key")
              .timeout(PATIENCE)
              .method(method, BodyPublishers.ofString(body.replace('\'', '"')))
              .build(),
          BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private JsonNode done(String method, String path, String body) {
    HttpResponse<String> answer = call(method, path, body);
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
    try {
      return JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void load() {
    for (int from = 0; from < MEMBERS; from += 1_000) {
      List<String> puts = new ArrayList<>();
      for (int i = from; i < from + 1_000; i++) {
        puts.add("{'put': {'id': 'm%d', 'tags': ['t%d', 'round0']}}".formatted(i, i % 7));
      }
      done(
          "POST",
          "/v1/apps/demo/members:batch",
          "{'operations': [" + String.join(",", puts) + "]}");
    }
  }

  private void update(int member, int round) {
    done("PUT", "/v1/apps/demo/members/m" + member, "{'tags': ['round" + round + "']}");
  }

  private String send(String text) {
    String body = "{'audience': 'everyone', 'message': {'body': '" + text + "'}}";
    return done("POST", "/v1/apps/demo/broadcasts", body).path("id").asText();
  }

  private String position() {
    return done("GET", "/v1/nodes", "").at("/nodes/0/position").asText();
  }

  /// Tags of every member, by id.
  private Map<String, String> members() {
    Map<String, String> members = new TreeMap<>();
    String cursor = "";
    do {
      JsonNode page =
          done("GET", "/v1/apps/demo/members?audience=everyone&limit=1000" + cursor, "");
      page.path("members")
          .forEach(
              member -> members.put(member.path("id").asText(), member.path("tags").toString()));
      cursor = page.has("cursor") ? "&cursor=" + page.path("cursor").asText() : "";
    } while (!cursor.isEmpty());
    return members;
  }

  private JsonNode backUp() {
    return json("backup", backups.toString(), "--data", data.toString(), "--json");
  }

  private static SortedMap<Long, Entry> journal(Path data) {
    try (RocksStore store = RocksStore.openReadOnly(data.resolve("store"))) {
      return Replay.entries(Replay.copy(store));
    }
  }

  /// Checks that a restored directory is what the original journal says up to where it ends.
  private static void assertFollows(Path restored, SortedMap<Long, Entry> original, long upTo) {
    try (RocksStore store = RocksStore.openReadOnly(restored.resolve("store"))) {
      MemoryStore copy = Replay.copy(store);
      SortedMap<Long, Entry> entries = Replay.entries(copy);
      assertThat(entries.headMap(upTo + 1)).isEqualTo(original.headMap(upTo + 1));
      assertThat(Replay.checksum(copy))
          .isEqualTo(Replay.checksum(Replay.play(entries, new Random(1))));
    }
  }

  private JsonNode restore(String name, String... more) {
    List<String> arguments = new ArrayList<>(List.of("restore", backups.toString()));
    arguments.addAll(List.of("--data", root.resolve(name).toString(), "--json"));
    arguments.addAll(List.of(more));
    return json(arguments.toArray(String[]::new));
  }

  private static long offset(String position) {
    return Long.parseLong(position.substring(position.indexOf('-') + 1));
  }

  private void restart(String name) {
    server.close();
    server = PackagedServer.start(root.resolve(name), "--dev");
  }

  @Test
  void restored_servers_have_what_the_journal_says_up_to_the_chosen_place() throws Exception {
    load();
    AtomicBoolean stopping = new AtomicBoolean();
    Thread updates =
        Thread.ofVirtual()
            .start(() -> {
              for (int i = 0; !stopping.get(); i++) {
                update(i % 500, 1);
              }
            });
    JsonNode first = backUp();
    stopping.set(true);
    updates.join();
    send("first");
    Map<String, String> before = members();
    String chosen = position();
    Thread.sleep(5);
    Instant moment = Instant.now();
    Thread.sleep(5);
    for (int i = 0; i < 50; i++) {
      update(i, 2);
    }
    JsonNode second = backUp();
    assertThat(second.path("newBytes").asLong())
        .isPositive()
        .isLessThan(first.path("bytes").asLong());
    Map<String, String> backedUp = members();
    for (int i = 0; i < 50; i++) {
      update(1_000 + i, 3);
    }
    send("second");
    Map<String, String> last = members();
    String head = position();
    server.kill();
    SortedMap<Long, Entry> journal = journal(data);

    JsonNode end = restore("end");
    assertThat(end.path("position")).isEqualTo(second.path("position"));
    assertThat(end.path("epoch").asText()).startsWith("2");
    JsonNode time = restore("time", "--until", moment.toString());
    assertThat(time.path("position").asText()).isEqualTo(chosen);
    assertThat(time.path("entries").asLong()).isPositive();
    JsonNode place = restore("place", "--until", chosen);
    JsonNode whole = restore("whole", "--journal", data.toString());
    assertThat(whole.path("position").asText()).isEqualTo(head);
    assertThat(whole.has("epoch")).as("nothing is lost").isFalse();
    for (JsonNode report : List.of(end, time, place, whole)) {
      Path restored = Path.of(report.path("data").asText());
      assertFollows(restored, journal, offset(report.path("position").asText()));
    }

    restart("time");
    assertThat(members()).isEqualTo(before);
    assertThat(server.credentials().path("adminKey").asText()).isEqualTo("dev-admin-key");
    restart("place");
    assertThat(members()).isEqualTo(before);
    restart("end");
    assertThat(members()).isEqualTo(backedUp);
    restart("whole");
    assertThat(members()).isEqualTo(last);
    assertThat(done("GET", "/v1/backups", "").path("backups")).hasSize(2);
  }

  @Test
  void kill_in_the_middle_of_a_backup_leaves_none_and_the_next_one_is_good() throws Exception {
    load();
    JsonNode first = backUp();
    int cutOff = 0;
    for (int attempt = 0; attempt < 4; attempt++) {
      for (int i = 0; i < 200; i++) {
        update(i, attempt);
      }
      int manifests = manifests();
      done("POST", "/v1/backups", "{'directory': '" + backups + "'}");
      awaitDraft(manifests);
      server.kill();
      cutOff += manifests() == manifests ? 1 : 0;
      server = PackagedServer.start(data, "--dev");
      assertThat(data.resolve("backing-up")).doesNotExist();
    }
    assertThat(cutOff).as("backups that were cut off").isPositive();
    JsonNode good = backUp();
    assertThat(good.path("state").asText()).isEqualTo("done");
    Map<String, String> members = members();
    server.kill();
    JsonNode report = restore("good", "--until", good.path("position").asText());
    assertFollows(root.resolve("good"), journal(data), offset(report.path("position").asText()));
    restart("good");
    assertThat(members()).isEqualTo(members);
    assertThat(first.path("state").asText()).isEqualTo("done");
  }

  private int manifests() throws IOException {
    try (Stream<Path> files = Files.list(backups)) {
      return (int)
          files.filter(file -> file.getFileName().toString().matches("backup-.{71}")).count();
    }
  }

  /// Waits until a backup writes, or is complete already.
  private void awaitDraft(int before) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline && manifests() == before) {
      try (Stream<Path> files = Files.list(backups.resolve("files"))) {
        if (files.anyMatch(file -> file.toString().endsWith(".draft"))) {
          return;
        }
      }
    }
  }

  @Test
  void devices_hear_what_the_restored_history_has_each_once_and_miss_nothing() throws Exception {
    done("PUT", "/v1/apps/demo/members/dora", "{}");
    String b1 = send("b1");
    String old = positionOf(b1);
    String b2 = send("b2");
    String kept = positionOf(b2);
    backUp();
    String lost = positionOf(send("lost"));
    server.kill();
    restore("earlier", "--until", kept);
    server = PackagedServer.start(root.resolve("earlier"), "--dev");
    String b3 = send("b3");

    assertThat(heard(old)).as("exact").containsExactly(b2, b3);
    assertThat(heard(kept)).as("exact at the end").containsExactly(b3);
    assertThat(heard(lost)).as("lost").containsExactly("gap " + lost, b3);
    assertThat(heard("7zzzzzz-3")).as("unknown").containsExactly("gap 7zzzzzz-3", b1, b2, b3);
    String now = positionOf(b3);
    assertThat(heard(now)).as("head").isEmpty();
    String forged = now.substring(0, now.indexOf('-')) + "-99999";
    assertThat(heard(forged)).as("forged").containsExactly("gap " + forged);

    // What is acknowledged past the end of the older epoch counts up to that end.
    acknowledge(lost);
    awaitDelivery(b1);
    awaitDelivery(b2);
  }

  /// Receipts are counted some time after the device was answered.
  private void awaitDelivery(String broadcast) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    long delivered = 0;
    while (delivered != 1) {
      assertThat(System.nanoTime()).as("delivered to %s", delivered).isLessThan(deadline);
      Thread.sleep(20);
      delivered =
          done("GET", "/v1/apps/demo/broadcasts/" + broadcast, "").path("delivered").asLong();
    }
  }

  private String positionOf(String broadcast) {
    return done("GET", "/v1/apps/demo/broadcasts/" + broadcast, "").path("position").asText();
  }

  private String token() {
    return done("POST", "/v1/apps/demo/tokens", "{'member': 'dora'}").path("token").asText();
  }

  /// Ids of the broadcasts and the gap that a device hears until it has caught up.
  private List<String> heard(String after) {
    String query = "/sse?app=demo&token=" + token() + "&after=" + after;
    URI uri = URI.create("http://127.0.0.1:" + server.gatewayPort() + query);
    List<String> heard = new ArrayList<>();
    try (Stream<String> lines =
        http.send(HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), BodyHandlers.ofLines())
            .body()) {
      var line = lines.iterator();
      String type = "";
      while (!type.equals("caught-up")) {
        String text = line.next();
        if (text.startsWith("data:")) {
          JsonNode message = JSON.readTree(text.substring("data:".length()));
          type = message.path("type").asText();
          if (type.equals("broadcast")) {
            heard.add(message.path("id").asText());
          } else if (type.equals("gap")) {
            heard.add("gap " + message.path("from").asText());
          }
        }
      }
      return heard;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void acknowledge(String position) {
    String query = "/ack?app=demo&token=" + token();
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.gatewayPort() + query))
                  .POST(
                      BodyPublishers.ofString(
                          "{\"type\":\"ack\",\"position\":\"" + position + "\"}"))
                  .build(),
              BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(204);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void doctor_asks_the_running_server() {
    assertThat(fanfare(1, "doctor", "--data", data.toString()))
        .isEqualTo("no backup was made: make one (fanfare backup DIR), then regularly\n");
    backUp();
    assertThat(fanfare(0, "doctor", "--data", data.toString())).isEqualTo("nothing is wrong\n");
  }

  @Test
  void what_cannot_be_done_is_refused_in_one_line() throws IOException {
    load();
    backUp();
    String local = data.toString();
    HttpResponse<String> relative = call("POST", "/v1/backups", "{'directory': 'somewhere'}");
    assertThat(relative.statusCode()).isEqualTo(400);
    assertThat(relative.body()).contains("invalid_field", "/directory", "absolute");
    fanfare(3, "backup", data.resolve("x").toString(), "--data", local);
    assertThat(err).contains("unusable_directory: a backup inside of the data directory");
    fanfare(3, "backup", root.toString(), "--data", local);
    assertThat(err).contains("is not empty and has no backups of this cell");

    fanfare(1, "restore", backups.toString(), "--data", local);
    assertThat(err).isEqualTo("fanfare: " + local + " is not empty\n");
    fanfare(
        1,
        "restore",
        backups.toString(),
        "--data",
        root.resolve("n").toString(),
        "--journal",
        local);
    assertThat(err).contains("another process uses the data directory " + local);
    fanfare(
        2, "restore", backups.toString(), "--data", root.resolve("n").toString(), "--until", "x");
    assertThat(err).contains("--until takes a time");
    assertThat(root.resolve("n")).doesNotExist();

    Path largest = largest();
    byte[] bytes = Files.readAllBytes(largest);
    bytes[bytes.length / 2] ^= 1;
    Files.write(largest, bytes);
    fanfare(1, "restore", backups.toString(), "--data", root.resolve("n").toString());
    assertThat(err.lines()).hasSize(1);
    assertThat(err).contains(largest.toString(), "is damaged");
    fanfare(1, "serve", "--data", root.resolve("n").toString());
    assertThat(err).contains("was cut off: remove the directory and restore again");
  }

  private Path largest() throws IOException {
    try (Stream<Path> files = Files.list(backups.resolve("files"))) {
      return files
          .max((one, other) -> Long.compare(one.toFile().length(), other.toFile().length()))
          .orElseThrow();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void tar_on_a_full_disk_is_a_failure() throws Exception {
    List<String> command = new ArrayList<>(PackagedServer.command(data));
    command = command.subList(0, command.indexOf("serve"));
    command.addAll(List.of("backup", "-", "--data", data.toString()));
    Path errors = root.resolve("errors");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(new File("/dev/full"))
            .redirectError(errors.toFile())
            .start();
    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(errors)
        .hasContent("fanfare: standard output takes no more: No space left on device");
  }

  @Test
  void tar_is_a_directory_of_backups() throws Exception {
    load();
    Path tar = root.resolve("backup.tar");
    List<String> command = new ArrayList<>(PackagedServer.command(data));
    command = command.subList(0, command.indexOf("serve"));
    command.addAll(List.of("backup", "-", "--data", data.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(tar.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.waitFor()).isZero();
    Files.createDirectories(backups);
    assertThat(
            new ProcessBuilder("tar", "xf", tar.toString(), "-C", backups.toString())
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
    Map<String, String> members = members();
    restore("untarred");
    restart("untarred");
    assertThat(members()).isEqualTo(members);
  }
}
