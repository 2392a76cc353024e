package dev.fanfare.api;

import static dev.fanfare.api.ApiFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.http.Response;
import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.ChangeLimits;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.Everyone;
import dev.fanfare.schema.Expire;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.LimitEdit;
import dev.fanfare.schema.ReceiptChunk;
import dev.fanfare.schema.Receipts;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.store.BitmapBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.roaringbitmap.RoaringBitmap;

/// Broadcasts as objects: lists, life, recipients, reasons.
final class BroadcastCallsTest {
  private static final String APP = "/v1/apps/demo";
  private static final String BROADCASTS = APP + "/broadcasts";

  @TempDir Path directory;
  private final TestClock clock = new TestClock();
  private ApiFixture api;

  @BeforeEach
  void open() {
    api = new ApiFixture(directory, clock);
  }

  @AfterEach
  void close() {
    api.close();
  }

  private static void assertProblem(Response response, int status, String code) {
    assertThat(json(response).path("code").asText()).as("%s", json(response)).isEqualTo(code);
    assertThat(response.status()).isEqualTo(status);
  }

  private void members(int count) {
    for (int i = 0; i < count; i++) {
      api.call("PUT", APP + "/members/m" + i, "{'tags': ['t']}");
    }
  }

  /// The id of a new broadcast to everyone.
  private String send(String more) {
    Response sent =
        api.call(
            "POST", BROADCASTS, "{'audience': 'everyone', 'message': {'body': 1}" + more + "}");
    assertThat(sent.status()).as("%s", json(sent)).isEqualTo(201);
    return json(sent).path("id").asText();
  }

  private JsonNode get(String path) {
    Response response = api.call("GET", path, "");
    assertThat(response.status()).as("%s", json(response)).isEqualTo(200);
    return json(response);
  }

  private JsonNode post(String path) {
    Response response = api.call("POST", path, "");
    assertThat(response.status()).as("%s", json(response)).isEqualTo(200);
    return json(response);
  }

  /// All of a list, page by page.
  private List<String> all(String path, String name, String field) {
    List<String> values = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = get(path + cursor);
      page.path(name).forEach(entry -> values.add(entry.path(field).asText()));
      cursor = page.has("cursor") ? "&cursor=" + page.path("cursor").asText() : "";
    } while (!cursor.isEmpty());
    return values;
  }

  private void reached(String id, int... ordinals) {
    ByteString bits = ByteString.copyFrom(BitmapBytes.serialize(RoaringBitmap.bitmapOf(ordinals)));
    long number = api.replica().broadcasts().find(TestNode.APP, id).orElseThrow().number();
    var _ =
        api.propose(
            Command.newBuilder()
                .setApp(TestNode.APP)
                .setReceipts(
                    Receipts.newBuilder()
                        .addChunks(ReceiptChunk.newBuilder().setBroadcast(number).setReached(bits)))
                .build());
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /broadcasts",
    "POST, /broadcasts",
    "GET, /broadcasts/ID",
    "POST, /broadcasts/ID:pause",
    "POST, /broadcasts/ID:resume",
    "POST, /broadcasts/ID:pace",
    "POST, /broadcasts/ID:recall",
    "POST, /broadcasts/ID:cancel",
    "GET, /broadcasts/ID/events",
    "GET, /broadcasts/ID/timeline",
    "GET, /broadcasts/ID/recipients",
    "GET, /broadcasts/ID/recipients/m0",
    "GET, /members/m0/broadcasts",
    "POST, /audience:count",
    "POST, /audience:explain",
  })
  void every_call_needs_a_key_of_the_app_with_the_role_and_the_right_method(
      String method, String path) {
    members(1);
    String id = send("");
    String real = APP + path.replace("ID", id);
    assertProblem(api.call(method, real, "", "authorization", "Bearer wrong"), 401, "unauthorized");
    assertProblem(api.call(method, real.replace("demo", "other"), ""), 404, "app_not_found");
    assertThat(api.call("DELETE", real, "").status()).isEqualTo(405);
    String outsider = path.contains("members") ? "sender" : "registrar";
    int forbidden = path.contains("members") ? 200 : 403;
    assertThat(api.callAs(outsider, method, real, "").status()).isEqualTo(forbidden);
    if (path.contains("ID")) {
      assertProblem(
          api.call(method, APP + path.replace("ID", "b-none"), ""), 404, "broadcast_not_found");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pause", "resume", "pace", "recall", "cancel"})
  void a_reader_changes_no_life(String verb) {
    String id = send("");
    assertProblem(
        api.callAs("reader", "POST", BROADCASTS + "/" + id + ":" + verb, ""), 403, "forbidden");
  }

  @Test
  void list_is_newest_first_in_pages_whose_cursors_survive_a_restart() {
    List<String> sent = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      sent.add(send(""));
    }
    assertThat(all(BROADCASTS + "?limit=2", "broadcasts", "id"))
        .containsExactlyElementsOf(sent.reversed());
    JsonNode first = get(BROADCASTS + "?limit=2");
    send("");
    api.close();
    api = new ApiFixture(directory, clock);
    JsonNode second = get(BROADCASTS + "?limit=2&cursor=" + first.path("cursor").asText());
    assertThat(second.path("broadcasts").path(0).path("id").asText()).isEqualTo(sent.get(2));
    assertThat(get(BROADCASTS + "?limit=1000").has("cursor")).isFalse();
  }

  @Test
  void list_is_filtered_by_state() {
    String scheduled = send(", 'startAt': '2030-01-01T00:00:00Z'");
    String completed = send("");
    assertThat(all(BROADCASTS + "?state=scheduled", "broadcasts", "id")).containsExactly(scheduled);
    assertThat(all(BROADCASTS + "?state=completed,scheduled", "broadcasts", "id"))
        .containsExactly(completed, scheduled);
    assertThat(all(BROADCASTS + "?state=paused", "broadcasts", "id")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/broadcasts?limit=0|invalid_parameter",
        "/broadcasts?limit=1001|invalid_parameter",
        "/broadcasts?limit=x|invalid_parameter",
        "/broadcasts?limit=1&limit=2|invalid_parameter",
        "/broadcasts?state=nonsense|invalid_parameter",
        "/broadcasts?staet=running|unknown_parameter",
        "/broadcasts?cursor=x|invalid_cursor",
        "/broadcasts?cursor=AQAAAAAAAAAB|invalid_cursor",
        "/broadcasts?cursor=%zz|invalid_path",
        "/broadcasts/ID/recipients?status=nonsense|invalid_parameter",
        "/broadcasts/ID/recipients?cursor=AAAAAAAAAAAB|invalid_cursor",
        "/broadcasts/ID/recipients?cursor=AX__________|invalid_cursor",
        "/broadcasts/ID/recipients/a%0Ab|invalid_member_id",
        "/broadcasts/ID/recipients/m0?x=1|unknown_parameter",
        "/broadcasts/ID/events?x=1|unknown_parameter",
        "/members/m0/broadcasts?limit=-1|invalid_parameter",
        "/members/a%0Ab/broadcasts|invalid_member_id",
      })
  void parameters_that_are_not_right_are_refused(String path, String code) {
    members(1);
    String id = send("");
    assertProblem(api.call("GET", APP + path.replace("ID", id), ""), 400, code);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/broadcasts/ID/nothing",
        "/broadcasts/ID/events/more",
        "/broadcasts/ID/recipients/m0/more",
      })
  void paths_beyond_are_not_found(String path) {
    assertProblem(api.call("GET", APP + path.replace("ID", send("")), ""), 404, "not_found");
  }

  @Test
  void scheduled_one_is_sent_when_it_starts_and_can_be_cancelled_before() {
    String id = send(", 'startAt': '2030-01-01T00:00:00Z'");
    JsonNode scheduled = get(BROADCASTS + "/" + id);
    assertThat(scheduled.path("state").asText()).isEqualTo("scheduled");
    assertThat(scheduled.path("startAt").asText()).isEqualTo("2030-01-01T00:00:00Z");
    assertThat(scheduled.has("sentAt")).isFalse();
    assertThat(scheduled.has("expiresAt")).isFalse();
    assertProblem(
        api.call("POST", BROADCASTS + "/" + id + ":pause", ""), 409, "illegal_transition");
    assertThat(post(BROADCASTS + "/" + id + ":cancel").path("state").asText())
        .isEqualTo("cancelled");
    assertThat(post(BROADCASTS + "/" + id + ":cancel").path("state").asText())
        .isEqualTo("cancelled");
    assertProblem(
        api.call("POST", BROADCASTS + "/" + id + ":recall", ""), 409, "illegal_transition");
    assertThat(get(BROADCASTS + "/" + send("")).path("sentAt").asText())
        .isEqualTo("2023-11-14T22:13:20Z");
  }

  @Test
  void paced_one_is_paused_repaced_resumed_and_recalled_and_repeating_is_harmless() {
    members(10);
    String id = send(", 'pacePerSecond': 2");
    String path = BROADCASTS + "/" + id;
    for (int i = 0; i < 2; i++) {
      assertThat(post(path + ":pause").path("state").asText()).isEqualTo("paused");
    }
    assertThat(get(path).path("released").asInt()).isEqualTo(2);
    Response paced = api.call("POST", path + ":pace", "{'pacePerSecond': 5}");
    assertThat(json(paced).path("pacePerSecond").asInt()).isEqualTo(5);
    assertThat(
            json(api.call("POST", path + ":pace", "{'pacePerSecond': null}")).has("pacePerSecond"))
        .isFalse();
    for (int i = 0; i < 2; i++) {
      assertThat(post(path + ":resume").path("state").asText()).isEqualTo("running");
    }
    assertProblem(api.call("POST", path + ":cancel", ""), 409, "illegal_transition");
    for (int i = 0; i < 2; i++) {
      assertThat(post(path + ":recall").path("state").asText()).isEqualTo("recalled");
    }
    for (String verb : List.of("pause", "resume", "cancel")) {
      Response refused = api.call("POST", path + ":" + verb, "");
      assertProblem(refused, 409, "illegal_transition");
      assertThat(json(refused).path("detail").asText()).isEqualTo("the broadcast is recalled");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pace|{}|400|missing_field|/pacePerSecond",
        "pace|{'pacePerSecond': 0}|400|invalid_field|/pacePerSecond",
        "pace|{'pacePerSecond': 'fast'}|400|invalid_field|/pacePerSecond",
        "pace|{'pacePerSecond': 100000001}|400|invalid_field|/pacePerSecond",
        "pace|{'pace': 1}|400|unknown_field|/pace",
        "pace||400|invalid_json|",
        "pause|{'now': true}|400|unknown_field|/now",
        "pause|[]|400|invalid_json|",
        "stop||405|method_not_allowed|",
      })
  void changes_of_life_are_checked(
      String verb, String body, int status, String code, String pointer) {
    String text = body == null ? "" : body;
    Response refused = api.call("POST", BROADCASTS + "/" + send("") + ":" + verb, text);
    assertProblem(refused, status, code);
    assertThat(json(refused).path("pointer").asText()).isEqualTo(pointer == null ? "" : pointer);
  }

  @Test
  void repeated_send_is_the_first_broadcast_even_when_its_attribute_has_gone() {
    api.call("PUT", APP + "/attributes", "{'0': 'city'}");
    String body = "{'audience': 'city=ny', 'message': {'body': 1}}";
    Response first = api.call("POST", BROADCASTS, body, "idempotency-key", "k");
    assertThat(first.status()).isEqualTo(201);
    api.call("PUT", APP + "/attributes", "{'0': 'town'}");
    Response second = api.call("POST", BROADCASTS, body, "idempotency-key", "k");
    assertThat(second.status()).isEqualTo(200);
    assertThat(json(second).path("id")).isEqualTo(json(first).path("id"));
    Response other = api.call("POST", BROADCASTS, body);
    assertProblem(other, 422, "unknown_attribute");
    assertThat(json(other).path("pointer").asText()).isEqualTo("/audience");
    clock.advance(Duration.ofDays(8));
    assertProblem(
        api.call("POST", BROADCASTS, body, "idempotency-key", "k"), 422, "unknown_attribute");
  }

  @Test
  void recipients_are_listed_by_status_in_pages_and_removed_ones_are_marked() {
    members(5);
    String id = send("");
    reached(id, 1, 3);
    api.call("DELETE", APP + "/members/m3", "");
    String path = BROADCASTS + "/" + id + "/recipients?limit=2";
    assertThat(all(path, "recipients", "id")).containsExactly("m0", "m1", "m2", "m3", "m4");
    assertThat(all(path + "&status=unreached", "recipients", "id"))
        .containsExactly("m0", "m2", "m4");
    assertThat(all(path + "&status=reached", "recipients", "id")).containsExactly("m1", "m3");
    assertThat(all(path + "&status=read", "recipients", "id")).isEmpty();
    assertThat(get(path + "&status=reached").path("recipients").toString())
        .isEqualTo("[{\"id\":\"m1\"},{\"id\":\"m3\",\"removed\":true}]");
  }

  @Test
  void recipients_go_first_and_the_broadcast_later() {
    members(2);
    String id = send(", 'ttlSeconds': 60");
    reached(id, 1);
    long number =
        api.replica()
            .tenants()
            .byNumber(TestNode.APP)
            .flatMap(app -> api.replica().broadcast(app, id))
            .orElseThrow()
            .number();
    Command expire =
        Command.newBuilder()
            .setApp(TestNode.APP)
            .setExpire(Expire.newBuilder().setBroadcast(number))
            .build();
    clock.advance(Duration.ofDays(2));
    var _ = api.propose(expire);
    clock.advance(Duration.ofDays(7));
    var _ = api.propose(TestNode.purge(1_000));

    JsonNode left = get(BROADCASTS + "/" + id);
    assertThat(left.path("reached").asInt()).isEqualTo(1);
    assertThat(left.path("receiptsPurgedAt").asText()).isEqualTo("2023-11-23T22:13:20Z");
    assertProblem(
        api.call("GET", BROADCASTS + "/" + id + "/recipients", ""), 410, "receipts_purged");
    JsonNode why = get(BROADCASTS + "/" + id + "/recipients/m1");
    assertThat(why.path("answer").asText()).isEqualTo("no_longer_known");
    assertThat(why.path("receiptsPurgedAt").asText()).isEqualTo("2023-11-23T22:13:20Z");
    assertThat(get(APP + "/members/m1/broadcasts").path("broadcasts")).isEmpty();
    assertThat(get(BROADCASTS + "/" + id + "/timeline").path("points")).isNotEmpty();

    clock.advance(Duration.ofDays(90));
    var _ = api.propose(TestNode.purge(1_000));
    assertProblem(api.call("GET", BROADCASTS + "/" + id, ""), 404, "broadcast_not_found");
    assertThat(get(BROADCASTS).path("broadcasts")).isEmpty();
  }

  @Test
  void why_is_an_answer_a_sentence_and_facts() {
    members(2);
    String id = send("");
    reached(id, 1);
    JsonNode why = get(BROADCASTS + "/" + id + "/recipients/m0");
    assertThat(why.path("broadcast").asText()).isEqualTo(id);
    assertThat(why.path("member").asText()).isEqualTo("m0");
    assertThat(why.path("answer").asText()).isEqualTo("released_not_reached");
    assertThat(why.path("text").asText()).startsWith("The broadcast was released to m0 at 2023-");
    assertThat(why.path("releasedAt").asText()).isEqualTo("2023-11-14T22:13:20Z");
    assertThat(why.path("slice").asInt()).isZero();
    assertThat(get(BROADCASTS + "/" + id + "/recipients/m1").path("answer").asText())
        .isEqualTo("reached");
    assertThat(get(BROADCASTS + "/" + id + "/recipients/nobody").path("answer").asText())
        .isEqualTo("not_registered");

    api.call("PUT", APP + "/members/m2", "{}");
    Response narrow = api.call("POST", BROADCASTS, "{'audience': 'tag:t', 'message': {'body': 1}}");
    JsonNode unmatched =
        get(BROADCASTS + "/" + json(narrow).path("id").asText() + "/recipients/m2");
    assertThat(unmatched.path("answer").asText()).isEqualTo("did_not_match");
    assertThat(unmatched.path("treeAsOf").asText()).isEqualTo("start");
    assertThat(unmatched.path("tree").toString()).isEqualTo("{\"tag\":\"t\",\"matches\":false}");
  }

  @Test
  void member_is_told_what_it_was_sent_and_got() {
    members(2);
    String first = send("");
    api.call("POST", BROADCASTS, "{'audience': 'tag:other', 'message': {'body': 1}}");
    String second = send(", 'pacePerSecond': 1");
    reached(first, 0);
    String path = APP + "/members/m0/broadcasts?limit=1";
    assertThat(all(path, "broadcasts", "broadcast")).containsExactly(second, first);
    assertThat(all(path, "broadcasts", "answer").getLast()).isEqualTo("reached");
    assertProblem(api.call("GET", APP + "/members/nobody/broadcasts", ""), 404, "member_not_found");
    api.call("DELETE", APP + "/members/m0", "");
    assertThat(all(path, "broadcasts", "broadcast")).as("also who left").hasSize(2);
  }

  @Test
  void count_says_how_many_are_online() {
    members(3);
    api.call("PUT", APP + "/members/other", "{}");
    api.online.add(1);
    api.online.add(3);
    Response count = api.call("POST", APP + "/audience:count", "{'audience': 'tag:t'}");
    assertThat(json(count).path("matched").asInt()).isEqualTo(3);
    assertThat(json(count).path("online").asInt()).isEqualTo(1);
    assertThat(json(count).path("sample")).isEmpty();
  }

  @Test
  void explain_says_true_or_false_at_every_node() {
    api.call("PUT", APP + "/attributes", "{'0': 'city'}");
    api.call("PUT", APP + "/members/1", "{'tags': ['vip'], 'attributes': {'city': 'ny'}}");
    Response explained =
        api.call(
            "POST",
            APP + "/audience:explain",
            "{'member': '1', 'audience': 'tag:vip and not (city=ny or member:2) and everyone'}");
    assertThat(explained.status()).isEqualTo(200);
    assertThat(json(explained).path("matches").asBoolean(true)).isFalse();
    assertThat(json(explained).path("tree").toString().replace('"', '\''))
        .isEqualTo(
            "{'all':[{'tag':'vip','matches':true},{'not':{'any':[{'attribute':'city','is':'ny',"
                + "'matches':true},{'members':['2'],'matches':false}],'matches':true},"
                + "'matches':false},{'everyone':true,'matches':true}],'matches':false}");
    assertProblem(
        api.call("POST", APP + "/audience:explain", "{'member': '9', 'audience': 'everyone'}"),
        404,
        "member_not_found");
    assertProblem(
        api.call("POST", APP + "/audience:explain", "{'member': 9, 'audience': 'everyone'}"),
        400,
        "invalid_field");
    assertProblem(
        api.call("POST", APP + "/audience:explain", "{'member': '1', 'audience': 'town=x'}"),
        422,
        "unknown_attribute");
  }

  @Test
  void timeline_has_the_points_of_the_counters() {
    members(4);
    String id = send("");
    clock.advance(Duration.ofSeconds(5));
    reached(id, 0, 1);
    JsonNode timeline = get(BROADCASTS + "/" + id + "/timeline");
    assertThat(timeline.path("recipients").asInt()).isEqualTo(4);
    assertThat(timeline.path("points").toString().replace('"', '\''))
        .isEqualTo(
            "[{'time':'2023-11-14T22:13:20Z','released':4,'reached':0,'delivered':0,'read':0},"
                + "{'time':'2023-11-14T22:13:25Z','released':4,'reached':2,'delivered':0,'read':0}]");
  }

  @Test
  void events_tell_the_progress_and_that_it_is_over() throws IOException {
    members(1);
    String id = send("");
    post(BROADCASTS + "/" + id + ":recall");
    Response events = api.call("GET", BROADCASTS + "/" + id + "/events", "");
    assertThat(events.headers()).containsEntry("Content-Type", "text/event-stream");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    events.stream().orElseThrow().writeTo(out);
    String progress =
        "{'id':'ID','state':'recalled','recipients':1,'released':1,'reached':0,'delivered':0,'read':0}"
            .replace('\'', '"')
            .replace("ID", id);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "retry: 2000\n\nevent: progress\ndata: "
                + progress
                + "\n\nevent: end\ndata: "
                + progress
                + "\n\n");
  }

  @Test
  void streams_are_limited_and_a_closed_one_makes_room() throws IOException {
    var _ =
        api.propose(
            Command.newBuilder()
                .setApp(TestNode.APP)
                .setChangeLimits(
                    ChangeLimits.newBuilder()
                        .addEdits(LimitEdit.newBuilder().setName("progressStreams").setValue(1)))
                .build());
    String id = send("");
    post(BROADCASTS + "/" + id + ":recall");
    String path = BROADCASTS + "/" + id + "/events";
    Response open = api.call("GET", path, "");
    assertProblem(api.call("GET", path, ""), 429, "too_many_streams");
    open.stream().orElseThrow().writeTo(new ByteArrayOutputStream());
    assertThat(api.call("GET", path, "").status()).isEqualTo(200);
  }

  @Test
  void a_message_nested_deeper_than_is_read_is_refused_and_the_deepest_is_listed() {
    String message = "{'audience': 'everyone', 'message': {'body': %s}}";
    // The body and the message are the first two levels.
    String deepest = "[".repeat(62) + "]".repeat(62);
    Response tooDeep = api.call("POST", BROADCASTS, message.formatted("[" + deepest + "]"));
    assertProblem(tooDeep, 400, "invalid_json");
    assertThat(json(tooDeep).path("detail").asText()).contains("64 levels");
    assertProblem(
        api.call("POST", BROADCASTS, message.formatted("[".repeat(997) + "]".repeat(997))),
        400,
        "invalid_json");
    assertThat(get(BROADCASTS).path("broadcasts")).isEmpty();
    assertThat(api.call("POST", BROADCASTS, message.formatted(deepest)).status()).isEqualTo(201);
    assertThat(get(BROADCASTS).at("/broadcasts/0/message/body").toString()).isEqualTo(deepest);
  }

  @Test
  void the_deepest_audience_is_taken() {
    String audience =
        "{'all': [{'not': ".repeat(7) + "{'all': [{'members': ['m0']}]}" + "}]}".repeat(7);
    Response sent =
        api.call(
            "POST", BROADCASTS, "{'audience': " + audience + ", 'message': {'body': 'hello'}}");
    assertThat(sent.status()).as("%s", json(sent)).isEqualTo(201);
    String wide = "{'all': [".repeat(15) + "{'members': ['m0']}" + "]}".repeat(15);
    Response counted = api.call("POST", APP + "/audience:count", "{'audience': " + wide + "}");
    assertThat(counted.status()).as("%s", json(counted)).isEqualTo(200);
    String deeper = "{'all': [" + wide + "]}";
    assertProblem(
        api.call("POST", APP + "/audience:count", "{'audience': " + deeper + "}"),
        400,
        "invalid_audience");
  }

  @Test
  void whatever_is_stored_is_listed_however_deep_it_is() {
    String body = "[".repeat(998) + "]".repeat(998);
    var _ =
        api.propose(
            Command.newBuilder()
                .setApp(TestNode.APP)
                .setStartBroadcast(
                    StartBroadcast.newBuilder()
                        .setId("b-deep")
                        .setFormat(Format.NATIVE)
                        .setMessage(ByteString.copyFromUtf8("{\"body\":" + body + "}"))
                        .setAudience(
                            AudienceNode.newBuilder().setEveryone(Everyone.getDefaultInstance())))
                .build());
    assertThat(get(BROADCASTS).at("/broadcasts/0/message/body").toString()).isEqualTo(body);
    assertThat(get(BROADCASTS + "/b-deep").at("/message/body").toString()).isEqualTo(body);
  }

  /// Some are written back with more characters than they were read with.
  @ParameterizedTest
  @CsvSource({"12.%se9, 997", "%se9, 999", "-0.%se-999, 996", "%s, 1000", "1.10, 0", "0.000e0, 0"})
  void the_longest_numbers_are_listed_with_every_digit(String form, int digits) {
    String number = form.formatted("123456789".repeat(112).substring(0, digits));
    Response sent =
        api.call(
            "POST", BROADCASTS, "{'audience': 'everyone', 'message': {'body': " + number + "}}");
    assertThat(sent.status()).as("%s", json(sent)).isEqualTo(201);
    JsonNode listed = get(BROADCASTS).at("/broadcasts/0/message/body");
    assertThat(listed.decimalValue()).isEqualTo(new BigDecimal(number));
  }

  @Test
  void a_scheduled_broadcast_has_a_place_to_begin_at_before_it_has_a_pace() {
    members(4);
    for (int i = 0; i < 3; i++) {
      api.call("DELETE", APP + "/members/m" + i, "");
    }
    Set<Integer> pivots = new TreeSet<>();
    for (int i = 0; i < 60; i++) {
      pivots.add(api.stored(send(", 'startAt': '2027-01-01T00:00:00Z'")).getPivot());
    }
    assertThat(pivots).containsExactly(0, 1, 2, 3);
  }
}
