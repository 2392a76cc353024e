package dev.fanfare.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.PlantedJournal;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.replica.Replica;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.roaringbitmap.RoaringBitmap;

/// Members in and out, many at a time.
final class ImportCallsTest {
  private static final String IMPORT = "/v1/apps/demo/members:import";
  private static final String EXPORT = "/v1/apps/demo/members:export";

  @TempDir Path directory;
  private ApiFixture api;

  @BeforeEach
  void open() {
    api = new ApiFixture(directory);
    api.call("PUT", "/v1/apps/demo/attributes", "{'0': 'city'}");
  }

  @AfterEach
  void close() {
    api.close();
  }

  private static byte[] bytes(Response response) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    response.stream().orElseThrow().writeTo(out);
    return out.toByteArray();
  }

  private static List<JsonNode> lines(byte[] bytes) {
    List<JsonNode> lines = new ArrayList<>();
    new String(bytes, UTF_8).lines().forEach(line -> lines.add(Json.stored(line.getBytes(UTF_8))));
    return lines;
  }

  private List<JsonNode> imported(String path, String lines) throws IOException {
    Response response = api.call("POST", path, lines);
    assertThat(response.status()).isEqualTo(200);
    return lines(bytes(response));
  }

  private int everyone() {
    Replica replica = api.replica();
    return replica
        .count(
            replica.tenants().byId("demo").orElseThrow(),
            new Audience.Everyone(),
            0,
            new RoaringBitmap())
        .matched();
  }

  private static final String MIXED =
      """
      {'id': '1', 'tags': ['a', 'b'], 'attributes': {'city': 'ny'}, 'nickName': '\\ud83d\\ude00'}

      not json
      {'id': '2', 'colour': 'red'}
      {'id': '3', 'attributes': {'size': 'xl'}}
      {'nickName': 'nobody'}
      {'id': '4', 'tags': 5}
      [1]
      {'id': '1', 'tags': ['c']}
      """;

  @Test
  void bad_lines_are_rejected_by_number_and_the_others_take_effect_in_order() throws IOException {
    List<JsonNode> told =
        imported(IMPORT, MIXED + "{'id': '5', 'ext': {'x': '" + "y".repeat(300_000) + "'}}");
    assertThat(told.subList(0, told.size() - 1))
        .extracting(line ->
            line.path("line").asInt()
                + " "
                + line.path("code").asText()
                + " "
                + line.path("pointer").asText())
        .containsExactlyInAnyOrder(
            "3 invalid_json ",
            "4 unknown_field /colour",
            "5 unknown_attribute ",
            "6 missing_field /id",
            "7 invalid_field /tags",
            "8 invalid_json ",
            "10 line_too_long ");
    assertThat(told.getLast().toString())
        .isEqualTo("{\"type\":\"end\",\"line\":10,\"accepted\":2,\"rejected\":7}");
    JsonNode member = ApiFixture.json(api.call("GET", "/v1/apps/demo/members/1", ""));
    assertThat(member.path("tags").toString()).isEqualTo("[\"c\"]");
    assertThat(everyone()).isEqualTo(1);
  }

  @Test
  void lines_beyond_what_is_read_are_rejected_and_the_import_goes_on() throws IOException {
    List<JsonNode> told =
        imported(
            IMPORT,
            String.join(
                "\n",
                "{'id': '1', 'robot': " + "1".repeat(1_001) + "}",
                "{'id': '2', 'robot': " + "[".repeat(64) + "]".repeat(64) + "}",
                "{'id': '3', '" + "n".repeat(50_001) + "': 1}",
                "{'id': '4', 'robot': 1e99999999999}",
                "{'id': '5'}"));
    assertThat(told.subList(0, told.size() - 1))
        .extracting(line -> line.path("line").asInt() + " " + line.path("code").asText())
        .containsExactly("1 invalid_json", "2 invalid_json", "3 invalid_json", "4 invalid_json");
    assertThat(told.getLast().toString())
        .isEqualTo("{\"type\":\"end\",\"line\":5,\"accepted\":1,\"rejected\":4}");
    assertThat(everyone()).isEqualTo(1);
  }

  @Test
  void a_dry_run_judges_and_changes_nothing() throws IOException {
    List<JsonNode> told = imported(IMPORT + "?dryRun=true", MIXED);
    assertThat(told.getLast().toString())
        .isEqualTo("{\"type\":\"end\",\"line\":9,\"accepted\":2,\"rejected\":6}");
    assertThat(everyone()).isZero();
    assertThat(api.call("POST", IMPORT + "?dryRun=yes", "").status()).isEqualTo(400);
  }

  @Test
  void thousands_of_lines_take_several_commands() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 1; i <= 5_500; i++) {
      lines
          .append("{'id': 'm")
          .append(i % 5_000)
          .append("', 'tags': ['t")
          .append(i)
          .append("']}\n");
    }
    assertThat(imported(IMPORT, lines.toString()).getLast().path("accepted").asInt())
        .isEqualTo(5_500);
    assertThat(everyone()).isEqualTo(5_000);
    assertThat(
            ApiFixture.json(api.call("GET", "/v1/apps/demo/members/m500", ""))
                .path("tags")
                .toString())
        .as("the later of two lines wins")
        .isEqualTo("[\"t5500\"]");
  }

  private static List<Arguments> endings() {
    return List.of(
        Arguments.of(new TryAgainException("planted"), "try_again"),
        Arguments.of(new OutcomeUnknownException("planted"), "outcome_unknown"));
  }

  @ParameterizedTest
  @MethodSource("endings")
  void a_journal_that_takes_no_more_ends_the_stream_at_a_line_to_go_on_after(
      RuntimeException failure, String code) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 1; i <= 5_000; i++) {
      lines.append("{\"id\": \"m").append(i).append("\"}\n");
    }
    Call call = call(lines.toString());
    AtomicInteger taken = new AtomicInteger();
    Journal ending =
        new PlantedJournal(command -> {
          if (taken.incrementAndGet() > 2) {
            throw failure;
          }
          return api.propose(command);
        });
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new Import(call, false, new Import.Node(api.replica(), ending), out)
        .run(new ByteArrayInputStream(lines.toString().getBytes(UTF_8)));
    JsonNode last = lines(out.toByteArray()).getLast();
    assertThat(last.path("type").asText()).isEqualTo("problem");
    assertThat(last.path("code").asText()).isEqualTo(code);
    assertThat(last.path("line").asInt()).isEqualTo(2_000).isEqualTo(everyone());
  }

  private Call call(String lines) {
    Replica replica = api.replica();
    var request = api.request("POST", IMPORT, lines);
    var tenants = replica.tenants();
    var caller = tenants.caller("dev-api-key", ApiFixture.NOW).orElseThrow();
    return new Call(request, caller, tenants.byId("demo").orElseThrow(), Map.of("app", "demo"));
  }

  @Test
  void an_app_has_two_of_each_at_a_time_and_a_place_is_free_again() throws IOException {
    for (String path : List.of("POST " + IMPORT, "GET " + EXPORT)) {
      String[] parts = path.split(" ", -1);
      Response first = api.call(parts[0], parts[1], "");
      Response second = api.call(parts[0], parts[1], "");
      Response third = api.call(parts[0], parts[1], "");
      assertThat(third.status()).isEqualTo(429);
      assertThat(ApiFixture.json(third).path("code").asText()).startsWith("too_many_");
      bytes(first);
      Response fourth = api.call(parts[0], parts[1], "");
      assertThat(fourth.status()).isEqualTo(200);
      bytes(second);
      bytes(fourth);
    }
  }

  @Test
  void import_stops_when_its_app_is_disabled() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 1; i <= 3_000; i++) {
      lines.append("{'id': 'm").append(i).append("'}\n");
    }
    Response response = api.call("POST", IMPORT, lines.toString());
    api.callAs("dev-admin-key", "PATCH", "/v1/apps/demo", "{\"disabled\": true}");
    JsonNode last = lines(bytes(response)).getLast();
    assertThat(last.path("code").asText()).isEqualTo("app_disabled");
    assertThat(last.path("line").asInt()).isZero();
  }

  @Test
  void what_was_exported_and_imported_is_the_same() throws IOException {
    imported(
        IMPORT,
        """
        {'id': 'é', 'nickName': '中', 'portrait': 'p', 'tags': ['z', 'a'], 'robot': true}
        {'id': 'b', 'attributes': {'city': 'ny'}, 'ext': {'k': ''}}
        {'id': 'c', 'tags': ['z']}
        """);
    byte[] exported = bytes(api.call("GET", EXPORT, ""));
    api.callAs("dev-admin-key", "POST", "/v1/apps", "{\"id\": \"copy\"}");
    api.callAs("dev-admin-key", "PUT", "/v1/apps/copy/attributes", "{\"3\": \"city\"}");
    Response copied =
        api.callAs(
            "dev-admin-key", "POST", "/v1/apps/copy/members:import", new String(exported, UTF_8));
    assertThat(lines(bytes(copied)).getLast().path("accepted").asInt()).isEqualTo(3);
    byte[] again = bytes(api.callAs("dev-admin-key", "GET", "/v1/apps/copy/members:export", ""));
    assertThat(timeless(again)).isEqualTo(timeless(exported)).hasSize(3);
  }

  private static List<String> timeless(byte[] lines) {
    return lines(lines).stream()
        .map(line -> {
          var member = (com.fasterxml.jackson.databind.node.ObjectNode) line;
          return member.without(List.of("createdAt", "modifiedAt", "version")).toString();
        })
        .toList();
  }

  @Test
  void export_of_an_audience_is_who_it_selects_and_may_be_compressed() throws IOException {
    for (int i = 0; i < 450; i++) {
      api.call(
          "PUT",
          "/v1/apps/demo/members/m" + i,
          "{'tags': ['t" + i % 3 + "'], 'attributes': {'city': 'c" + i % 2 + "'}}");
    }
    Response response =
        api.call(
            "GET",
            EXPORT + "?audience=tag:t1+and+not+(city%3Dc0+or+member:m1)",
            "",
            "accept-encoding",
            "br, gzip;q=0.5");
    assertThat(response.headers()).containsEntry("Content-Encoding", "gzip");
    byte[] plain = new GZIPInputStream(new ByteArrayInputStream(bytes(response))).readAllBytes();
    assertThat(lines(plain))
        .hasSize(74)
        .allSatisfy(member -> assertThat(member.path("tags").get(0).asText()).isEqualTo("t1"))
        .extracting(member -> member.path("id").asText())
        .doesNotContain("m1");
    assertThat(api.call("GET", EXPORT + "?audience=shade%3Dred", "").status()).isEqualTo(422);
    assertThat(api.call("GET", EXPORT + "?audience=(", "").status()).isEqualTo(400);
    assertThat(api.call("GET", EXPORT, "", "accept-encoding", "gzip;q=0").headers())
        .doesNotContainKey("Content-Encoding");
  }

  @Test
  void export_is_as_of_the_position_that_it_tells() throws IOException {
    for (int i = 0; i < 300; i++) {
      api.call("PUT", "/v1/apps/demo/members/m" + i, "{'tags': ['before']}");
    }
    api.call("PUT", "/v1/apps/demo/members/m7", "{'tags': ['gone']}");
    api.call("DELETE", "/v1/apps/demo/tags/gone", "");
    Response response = api.call("GET", EXPORT, "");
    assertThat(response.headers())
        .containsEntry("Fanfare-Position", api.replica().position().toString());
    api.call("PUT", "/v1/apps/demo/members/m299", "{'tags': ['after']}");
    api.call("PUT", "/v1/apps/demo/members/n1", "{}");
    api.call("DELETE", "/v1/apps/demo/members/m298", "");
    api.call("DELETE", "/v1/apps/demo/tags/before", "");
    List<JsonNode> members = lines(bytes(response));
    assertThat(members)
        .hasSize(300)
        .filteredOn(member -> member.path("tags").toString().equals("[\"before\"]"))
        .hasSize(299);
  }

  /// Fails after some bytes, as a connection does.
  private static final class Breaking extends OutputStream {
    private int left = 70_000;

    @Override
    public void write(int one) throws IOException {
      if (left-- <= 0) {
        throw new IOException("planted");
      }
    }

    @Override
    public void close() {
      throw new AssertionError("the end of a part must not look like the end");
    }
  }

  @Test
  void export_that_breaks_is_not_ended_and_frees_its_place() throws IOException {
    imported(IMPORT, "{'id': 'a', 'portrait': '" + "x".repeat(2_000) + "'}\n");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      lines
          .append("{'id': 'm")
          .append(i)
          .append("', 'portrait': '")
          .append("x".repeat(2_000))
          .append("'}\n");
    }
    imported(IMPORT, lines.toString());
    for (int i = 0; i < 5; i++) {
      Response response = api.call("GET", EXPORT, "");
      assertThat(response.status()).isEqualTo(200);
      assertThat(
              org.assertj.core.api.Assertions.catchThrowable(
                  () -> response.stream().orElseThrow().writeTo(new Breaking())))
          .isInstanceOf(IOException.class);
    }
  }
}
