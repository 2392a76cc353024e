package dev.fanfare;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Import and export by the commands, against the packaged server; either side is killed.
final class TransferIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// More than a portion.
  private static final int MANY = 400_000;

  @TempDir Path directory;
  private Path data;
  private PackagedServer server;

  TransferIT() {}

  @BeforeEach
  void start() {
    data = directory.resolve("data");
    server = PackagedServer.start(data, "--dev");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private record Ended(int code, String out, String err) {}

  private Ended fanfare(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--data";
    all[arguments.length + 1] = data.toString();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(errors, true), all);
    return new Ended(code, out.toString(), errors.toString());
  }

  private Process child(Path stdin, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(PackagedServer.command(data));
    command.subList(command.indexOf("serve"), command.size()).clear();
    command.addAll(List.of(arguments));
    command.addAll(List.of("--data", data.toAbsolutePath().toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(directory.resolve("child.log").toFile());
    if (!stdin.toString().isEmpty()) {
      builder.redirectInput(stdin.toFile());
    }
    return builder.start();
  }

  /// Every member by its id, without what the server makes.
  private Map<String, JsonNode> members(String app) throws IOException {
    Path file = directory.resolve("members-" + app + ".ndjson");
    Ended ended = fanfare("export", "-o", file.toString(), "--app", app, "--key", "dev-admin-key");
    assertThat(ended.code()).as(ended.err()).isZero();
    return parse(file);
  }

  private static Map<String, JsonNode> parse(Path file) throws IOException {
    Map<String, JsonNode> members = new TreeMap<>();
    for (String line : Files.readAllLines(file)) {
      ObjectNode member = (ObjectNode) JSON.readTree(line);
      members.put(
          member.path("id").asText(),
          member.without(List.of("createdAt", "modifiedAt", "version")));
    }
    return members;
  }

  private static String line(int i) {
    return "{\"id\":\"m%d\",\"nickName\":\"n %d\",\"tags\":[\"t%d\",\"u%d\"],\"ext\":{\"k\":\"%d\"}}\n"
        .formatted(i, i, i % 7, i % 11, i);
  }

  private Path many() throws IOException {
    Path file = directory.resolve("many.ndjson");
    try (var out = Files.newBufferedWriter(file)) {
      for (int i = 1; i <= MANY; i++) {
        out.write(i == MANY - 1 ? "broken\n" : line(i));
      }
    }
    return file;
  }

  private void awaitState(Path file, Process child) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    Path state = Path.of(file + ".import");
    while (!Files.exists(state)) {
      assertThat(System.nanoTime()).as("no state yet").isLessThan(deadline);
      assertThat(child.isAlive())
          .as("%s", Files.readString(directory.resolve("child.log")))
          .isTrue();
      Thread.sleep(5);
    }
  }

  private void assertAllThere(Path file, Ended resumed) throws IOException {
    assertThat(resumed.code()).as(resumed.err()).isEqualTo(3);
    JsonNode summary = JSON.readTree(resumed.out());
    assertThat(summary.path("skipped").asInt()).isPositive();
    assertThat(summary.path("accepted").asInt()).isEqualTo(MANY - 1);
    assertThat(Files.readAllLines(Path.of(file + ".rejected")))
        .singleElement()
        .asString()
        .startsWith("{\"line\":" + (MANY - 1) + ",\"code\":\"invalid_json\"");
    assertThat(Path.of(file + ".import")).doesNotExist();
    Map<String, JsonNode> members = members("demo");
    assertThat(members).hasSize(MANY - 1);
    for (int i = 1; i <= MANY; i += 997) {
      assertThat(member(members, "m" + i).path("ext").path("k").asText()).isEqualTo("" + i);
    }
  }

  @Test
  void import_goes_on_after_the_server_was_killed() throws Exception {
    Path file = many();
    Process child = child(Path.of(""), "import", file.toString());
    awaitState(file, child);
    server.kill();
    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).isEqualTo(1);
    assertThat(Files.readString(directory.resolve("child.log"))).contains("goes on after them");
    server = PackagedServer.start(data, "--dev");
    String into = "http://127.0.0.1:" + server.apiPort();
    // The server came back on another port, which a rerun takes for another server.
    assertThat(fanfare("import", file.toString()).code()).isEqualTo(2);
    Path state = Path.of(file + ".import");
    Files.writeString(state, Files.readString(state).replaceAll("http://127.0.0.1:[0-9]+", into));
    assertAllThere(file, fanfare("import", file.toString(), "--json"));
  }

  @Test
  void import_goes_on_after_the_command_was_killed() throws Exception {
    Path file = many();
    Process child = child(Path.of(""), "import", file.toString());
    awaitState(file, child);
    child.destroyForcibly();
    assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertAllThere(file, fanfare("import", file.toString(), "--json"));
  }

  @Test
  void dry_run_leaves_the_rejected_lines_of_an_interrupted_import() throws Exception {
    Path file = directory.resolve("many.ndjson");
    try (var out = Files.newBufferedWriter(file)) {
      for (int i = 1; i <= MANY; i++) {
        out.write(i == 1 || i == MANY ? "broken\n" : line(i));
      }
    }
    Path rejected = Path.of(file + ".rejected");
    Process child = child(Path.of(""), "import", file.toString());
    awaitState(file, child);
    child.destroyForcibly();
    assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
    String before = Files.readString(rejected);
    assertThat(before).startsWith("{\"line\":1,").endsWith("}\n");
    Ended dry = fanfare("import", file.toString(), "--dry-run");
    assertThat(dry.code()).as(dry.err()).isEqualTo(3);
    assertThat(rejected).hasContent(before);
    assertThat(Files.readAllLines(Path.of(file + ".dry-run.rejected"))).hasSize(2);
    Ended same = fanfare("import", file.toString(), "--dry-run", "--rejected", rejected.toString());
    assertThat(same.code()).isEqualTo(2);
    assertThat(same.err()).contains("is of an import that was interrupted");
    String other = directory.resolve("other").toString();
    assertThat(fanfare("import", file.toString(), "--rejected", other).code()).isEqualTo(2);
    Files.delete(rejected);
    Ended lost = fanfare("import", file.toString());
    assertThat(lost.code()).isEqualTo(2);
    assertThat(lost.err()).contains("lost lines that an earlier run wrote");
    Files.writeString(rejected, before);
    assertThat(fanfare("import", file.toString()).code()).isEqualTo(3);
    assertThat(Files.readAllLines(rejected))
        .hasSize(2)
        .allMatch(line -> line.startsWith("{\"line\":"));
  }

  @Test
  void the_same_members_come_out_of_every_form() throws Exception {
    StringBuilder lines = new StringBuilder();
    StringBuilder csv = new StringBuilder("user,name,labels,note,k\n");
    for (int i = 1; i <= 3_000; i++) {
      lines.append(line(i));
      csv.append("m%d,\"n %d\",t%d|u%d,\"a\n\"\"b\"\"\",%d\n".formatted(i, i, i % 7, i % 11, i));
    }
    Path plain = Files.writeString(directory.resolve("a.ndjson"), lines);
    Path gzip = directory.resolve("a.ndjson.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzip))) {
      out.write(lines.toString().getBytes(UTF_8));
    }
    Path zstd = directory.resolve("named-otherwise");
    try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(zstd))) {
      out.write(lines.toString().getBytes(UTF_8));
    }
    Path table = Files.writeString(directory.resolve("a.csv"), csv);
    String map = "user=id,name=nickName,labels=tags,note=-,k=ext.k";
    for (String app : List.of("gz", "zst", "csv", "pipe", "copy")) {
      assertThat(fanfare("app", "create", app).code()).isZero();
    }
    assertThat(fanfare("import", plain.toString(), "--app", "demo").code()).isZero();
    assertThat(fanfare("import", gzip.toString(), "--app", "gz").code()).isZero();
    assertThat(fanfare("import", zstd.toString(), "--app", "zst").code()).isZero();
    assertThat(fanfare("import", table.toString(), "--map", map, "--app", "csv").code()).isZero();
    Process piped = child(zstd, "import", "-", "--app", "pipe");
    assertThat(piped.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(piped.exitValue()).isZero();
    Map<String, JsonNode> members = members("demo");
    assertThat(members).hasSize(3_000);
    for (String app : List.of("gz", "zst", "csv", "pipe")) {
      assertThat(members(app)).as(app).isEqualTo(members);
    }
    Path exported = directory.resolve("members-demo.ndjson");
    assertThat(fanfare("import", exported.toString(), "--app", "copy").code()).isZero();
    assertThat(members("copy")).isEqualTo(members);
  }

  @Test
  void a_file_that_changed_is_not_gone_on_with_and_a_dry_run_leaves_no_trace() throws Exception {
    Path file = Files.writeString(directory.resolve("a.ndjson"), line(1) + "{}\n");
    Ended dry = fanfare("import", file.toString(), "--dry-run", "--json");
    assertThat(dry.code()).isEqualTo(3);
    assertThat(JSON.readTree(dry.out()).path("accepted").asInt()).isEqualTo(1);
    assertThat(members("demo")).isEmpty();
    assertThat(Path.of(file + ".import")).doesNotExist();
    Files.writeString(Path.of(file + ".import"), "{\"records\": 1, \"about\": {\"size\": 5}}");
    Ended refused = fanfare("import", file.toString());
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("remove it to start anew");
    assertThat(fanfare("import", directory.resolve("none").toString()).code()).isEqualTo(2);
  }

  @Test
  void export_while_members_change_is_of_one_position() throws Exception {
    // Every command puts two members to the same round; one position shows all pairs equal.
    int pairs = 2_000;
    AtomicBoolean over = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread writer =
        Thread.ofVirtual()
            .start(() -> {
              try {
                for (int round = 0; !over.get(); round++) {
                  Path lines = directory.resolve("round.ndjson");
                  StringBuilder all = new StringBuilder();
                  for (int i = 0; i < pairs / 4; i++) {
                    all.append("{\"id\":\"a%d\",\"nickName\":\"%d\"}\n".formatted(i, round));
                    all.append("{\"id\":\"z%d\",\"nickName\":\"%d\"}\n".formatted(i, round));
                  }
                  Files.writeString(lines, all);
                  assertThat(fanfare("import", lines.toString()).code()).isZero();
                }
              } catch (IOException | AssertionError e) {
                failure.set(e);
              }
            });
    try {
      int seen = 0;
      long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
      for (int i = 0; i < 15 || seen == 0; i++) {
        assertThat(failure.get()).isNull();
        assertThat(System.nanoTime()).as("an import was seen").isLessThan(deadline);
        Map<String, JsonNode> members = members("demo");
        for (Map.Entry<String, JsonNode> member : members.entrySet()) {
          if (member.getKey().startsWith("a")) {
            String other = "z" + member.getKey().substring(1);
            assertThat(member(members, other).path("nickName"))
                .isEqualTo(member.getValue().path("nickName"));
            seen++;
          }
        }
      }
    } finally {
      over.set(true);
      writer.join(30_000);
    }
    assertThat(failure.get()).isNull();
  }

  private Process export(Redirect out) throws IOException {
    List<String> command = new ArrayList<>(PackagedServer.command(data));
    command.subList(command.indexOf("serve"), command.size()).clear();
    command.addAll(List.of("export", "--data", data.toString()));
    return new ProcessBuilder(command)
        .redirectOutput(out)
        .redirectError(directory.resolve("errors").toFile())
        .start();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void export_to_a_full_disk_fails_and_says_so() throws Exception {
    Path file = Files.writeString(directory.resolve("a.ndjson"), line(1));
    assertThat(fanfare("import", file.toString()).code()).isZero();
    Process export = export(Redirect.to(new File("/dev/full")));
    assertThat(export.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(export.exitValue()).isEqualTo(1);
    assertThat(directory.resolve("errors"))
        .hasContent("fanfare: standard output takes no more: No space left on device");
  }

  @Test
  void export_whose_reader_left_ends_without_a_word_and_not_as_done() throws Exception {
    String more = // than fits into a pipe
        IntStream.range(0, 5_000).mapToObj(TransferIT::line).collect(Collectors.joining());
    Path file = Files.writeString(directory.resolve("a.ndjson"), more);
    assertThat(fanfare("import", file.toString()).code()).isZero();
    Process export = export(Redirect.PIPE);
    export.getInputStream().close();
    assertThat(export.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(export.exitValue()).isEqualTo(141);
    assertThat(directory.resolve("errors")).isEmptyFile();
  }

  private static JsonNode member(Map<String, JsonNode> members, String id) {
    return Objects.requireNonNull(members.get(id), id);
  }
}
