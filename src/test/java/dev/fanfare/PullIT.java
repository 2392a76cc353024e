package dev.fanfare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Members are pulled from a second server, which stands for the vendor.
final class PullIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;
  private PackagedServer server;
  private PackagedServer vendor;

  PullIT() {}

  @BeforeEach
  void start() {
    server = PackagedServer.start(directory.resolve("here"), "--dev");
    vendor = PackagedServer.start(directory.resolve("there"), "--dev");
  }

  @AfterEach
  void stop() {
    server.close();
    vendor.close();
  }

  private record Ended(int code, String out, String err) {}

  private Ended fanfare(String where, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--data";
    all[arguments.length + 1] = directory.resolve(where).toString();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(errors, true), all);
    return new Ended(code, out.toString(), errors.toString());
  }

  private Map<String, JsonNode> members(String where) throws IOException {
    Path file = directory.resolve(where + ".ndjson");
    assertThat(fanfare(where, "export", "-o", file.toString()).code()).isZero();
    Map<String, JsonNode> members = new TreeMap<>();
    for (String line : Files.readAllLines(file)) {
      ObjectNode member = (ObjectNode) JSON.readTree(line);
      members.put(
          member.path("id").asText(),
          member.without(List.of("createdAt", "modifiedAt", "version")));
    }
    return members;
  }

  private void importTo(String where, String lines) throws IOException {
    Path file = Files.writeString(directory.resolve("lines.ndjson"), lines);
    Ended ended = fanfare(where, "import", file.toString());
    assertThat(ended.code()).as(ended.err()).isZero();
  }

  private String[] pull(String name, Path ids, String key, String... more) throws IOException {
    Path file = Files.writeString(directory.resolve("vendor-key.json"), key);
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "pull",
                name,
                "--ids",
                ids.toString(),
                "--vendor-key",
                file.toString(),
                "--vendor-url",
                "http://127.0.0.1:" + vendor.apiPort()));
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }

  private static final String VOLCENGINE =
      "{\"appId\": 1400000001, \"accessKey\": \"AKdev\","
          + " \"secretKey\": \"SKdev-secret-key-for-trying-out-only\"}";
  private static final String TENCENT =
      "{\"sdkAppId\": 1400000001,"
          + " \"secretKey\": \"dev-tencent-secret-key-for-trying-out-only\"}";

  private static String user(int id) {
    return "{\"id\":\"%d\",\"nickName\":\"n%d\",\"portrait\":\"p\",\"tags\":[\"t%d\"],\"ext\":{\"k\":\"%d\"},\"robot\":%b}\n"
        .formatted(id, id, id % 5, id, id % 50 == 0);
  }

  @Test
  void users_of_volcengine_are_copied_and_what_differed_is_told() throws IOException {
    StringBuilder there = new StringBuilder();
    StringBuilder ids = new StringBuilder("9999\nnot-a-number\n");
    for (int id = 1; id <= 130; id++) {
      there.append(user(id));
      ids.append(id).append('\n');
    }
    importTo("there", there.toString());
    importTo(
        "here",
        user(1) + "{\"id\":\"2\",\"nickName\":\"other\",\"tags\":[\"mine\"]}\n{\"id\":\"9999\"}\n");
    Path file = Files.writeString(directory.resolve("ids"), ids);
    assertThat(fanfare("here", pull("volcengine", file, VOLCENGINE, "--dry-run")).code()).isZero();
    assertThat(members("here")).hasSize(3);
    Ended pulled = fanfare("here", pull("volcengine", file, VOLCENGINE, "--json"));
    assertThat(pulled.code()).as(pulled.err()).isZero();
    assertThat(JSON.readTree(pulled.out()).path("changed").asInt()).isEqualTo(129);
    Map<String, JsonNode> here = members("here");
    assertThat(here.remove("9999")).isNotNull();
    assertThat(here).isEqualTo(members("there"));
    assertThat(Files.readAllLines(Path.of(file + ".differences")))
        .hasSize(131)
        .contains(
            "{\"id\":\"9999\",\"difference\":\"only_here\"}",
            "{\"id\":\"not-a-number\",\"difference\":\"unknown\"}",
            "{\"id\":\"3\",\"difference\":\"only_vendor\"}")
        .anySatisfy(line ->
            assertThat(line)
                .startsWith("{\"id\":\"2\",\"difference\":\"fields\"")
                .contains("\"here\":[\"mine\"]"));
    Ended again = fanfare("here", pull("volcengine", file, VOLCENGINE, "--json"));
    assertThat(JSON.readTree(again.out()).path("changed").asInt()).isZero();
  }

  @Test
  void accounts_of_tencent_get_their_tags_and_attributes_and_keep_their_profile()
      throws IOException {
    for (String where : List.of("here", "there")) {
      assertThat(fanfare(where, "attribute", "set", "0=city").code()).isZero();
    }
    StringBuilder there = new StringBuilder();
    StringBuilder ids = new StringBuilder();
    for (int i = 0; i < 120; i++) {
      String attributes = i % 2 == 0 ? "{}" : "{\"city\":\"c" + i + "\"}";
      there.append(
          "{\"id\":\"user %d\",\"tags\":[\"t%d\"],\"attributes\":%s}\n"
              .formatted(i, i % 3, attributes));
      ids.append("user ").append(i).append('\n');
    }
    importTo("there", there.toString());
    importTo(
        "here", "{\"id\":\"user 0\",\"nickName\":\"kept\",\"attributes\":{\"city\":\"gone\"}}\n");
    Path file = Files.writeString(directory.resolve("ids"), ids.append("nobody\n"));
    Ended pulled = fanfare("here", pull("tencent", file, TENCENT, "--json"));
    assertThat(pulled.code()).as(pulled.err()).isZero();
    assertThat(JSON.readTree(pulled.out()).path("changed").asInt()).isEqualTo(120);
    Map<String, JsonNode> here = members("here");
    assertThat(Objects.requireNonNull(here.get("user 0")).path("nickName").asText())
        .isEqualTo("kept");
    ((ObjectNode) here.get("user 0")).put("nickName", "");
    assertThat(here).isEqualTo(members("there"));
  }

  @Test
  void a_wrong_key_is_refused_and_an_absent_vendor_is_a_failure() throws IOException {
    Path file = Files.writeString(directory.resolve("ids"), "1\n");
    Ended wrong = fanfare("here", pull("volcengine", file, VOLCENGINE.replace("only", "none")));
    assertThat(wrong.code()).isEqualTo(3);
    assertThat(wrong.err()).contains("SignatureDoesNotMatch");
    assertThat(fanfare("here", pull("tencent", file, TENCENT.replace("only", "none"))).code())
        .isEqualTo(3);
    assertThat(fanfare("here", pull("other", file, TENCENT)).code()).isEqualTo(2);
    assertThat(fanfare("here", pull("volcengine", file, TENCENT)).code()).isEqualTo(2);
  }

  @Test
  void a_pull_that_was_killed_goes_on_where_it_was() throws Exception {
    StringBuilder there = new StringBuilder();
    StringBuilder ids = new StringBuilder();
    for (int id = 1; id <= 6_000; id++) {
      there.append(user(id));
      ids.append(id).append('\n');
    }
    importTo("there", there.toString());
    Path file = Files.writeString(directory.resolve("ids"), ids).toAbsolutePath();
    List<String> command = new ArrayList<>(PackagedServer.command(directory));
    command.subList(command.indexOf("serve"), command.size()).clear();
    command.addAll(List.of(pull("volcengine", file, VOLCENGINE)));
    command.addAll(List.of("--data", directory.resolve("here").toString()));
    Process child =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("child.log").toFile())
            .start();
    Path state = Path.of(file + ".pull");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!Files.exists(state) && System.nanoTime() < deadline && child.isAlive()) {
      Thread.sleep(2);
    }
    child.destroyForcibly().waitFor();
    assertThat(state).exists();
    int done = JSON.readTree(state.toFile()).path("records").asInt();
    assertThat(done).isBetween(50, 5_950);
    Ended resumed = fanfare("here", pull("volcengine", file, VOLCENGINE, "--json"));
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(JSON.readTree(resumed.out()).path("ids").asInt()).isEqualTo(6_000);
    assertThat(members("here")).isEqualTo(members("there"));
    assertThat(Files.readAllLines(Path.of(file + ".differences")).stream().distinct())
        .hasSizeGreaterThanOrEqualTo(5_900);
  }
}
