package dev.fanfare.tencent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.ThreadMXBean;
import dev.fanfare.Mutations;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Mutated requests are answered, never thrown at, and what is large costs no more memory than its
/// size allows.
///
/// `-Dseed=N` replays a run; `-Dlong=true` makes it 200,000 cases, `-Dfuzz.cases=N` as many.
class TencentHostileInputTest {
  private static final long CALL_BYTES = 512 << 10;
  private static final long CALL_BYTES_PER_BYTE = 256;
  private static final List<String> WORDS =
      List.of(
          "null",
          "true",
          "-1",
          "1e400",
          "1e999999999",
          "9223372036854775808",
          "\"\\ud800\"",
          "[[[[",
          "{}",
          "[]",
          "%ff",
          "%",
          "sdkappid=",
          "\"TagsOr\":[],",
          "\"To_Account\":\"u\",");
  private static final List<String> BODIES =
      List.of(
          "{\"UserID\":\"用户1\",\"Nick\":\"n😀\",\"FaceUrl\":\"http://x\",\"Accounts\":[\"a\",\"b\"],\"DeleteItem\":[{\"UserID\":\"a\"}],\"CheckItem\":[{\"UserID\":\"a\"}]}",
          "{\"To_Account\":[\"u\",\"v\"],\"IsNeedDetail\":1,\"AttrNames\":{\"0\":\"sex\",\"1\":\"城市\"}}",
          "{\"UserTags\":[{\"To_Account\":\"u\",\"Tags\":[\"a\",\"标签\"]}],\"UserAttrs\":[{\"To_Account\":\"u\",\"Attrs\":{\"sex\":\"f\"}}]}",
          "{\"From_Account\":\"u\",\"MsgRandom\":56512,\"MsgLifeTime\":120,\"Condition\":[{\"TagsAnd\":[\"stockA\"]},{\"TagsOr\":[\"b\"]}],\"MsgBody\":[{\"MsgType\":\"TIMTextElem\",\"MsgContent\":{\"Text\":\"hi\"}}],\"OfflinePushInfo\":{\"PushFlag\":0,\"Ext\":\"{}\",\"AndroidInfo\":{\"Sound\":\"a\"}}}",
          "{\"To_Account\":[\"u\",\"w\"],\"MsgRandom\":-1,\"OnlineOnlyFlag\":1,\"DataId\":\"d\",\"Condition\":{\"TagsNot\":[\"a\"]},\"OfflinePushInfo\":{\"Desc\":\"d\"},\"Replace\":1,\"UserTags\":[{\"To_Account\":\"u\",\"Tags\":[\"b\"]}],\"AttrNames\":{\"2\":\"x\"},\"AttrTypes\":{\"2\":1}}",
          "{\"StartTime\":1704067200,\"EndTime\":1704153600,\"TaskId\":\"batch_1400000000_9_1_6979859251200000\",\"TaskID\":[\"1400000000_9_1_6979859251200000\"],\"UserID\":\"u\"}");
  private static final List<Action> ACTIONS = List.of(Action.values());
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final long seed = Long.getLong("seed", new Random().nextLong());
  private final int cases =
      Integer.getInteger("fuzz.cases", Boolean.getBoolean("long") ? 200_000 : 8_000);
  private final SplittableRandom random = new SplittableRandom(seed);
  private final Mutations mutations = new Mutations(random, WORDS);
  private final TencentServer server = new TencentServer();

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void mutated_requests_are_answered_with_the_three_keys() {
    server.accounts("u", "v");
    server.push("im_set_attr_name", "{\"AttrNames\":{\"0\":\"sex\"}}");
    int succeeded = 0;
    for (int i = 0; i < cases; i++) {
      Request request = hostile();
      String what = "seed " + seed + " case " + i;
      try {
        Response response = server.face().answer(request);
        JsonNode answer = TencentServer.json(TencentServer.text(response));
        int code = answer.path("ErrorCode").asInt(-1);
        assertThat(response.status()).as(what).isEqualTo(200);
        assertThat(answer.path("ActionStatus").asText())
            .as(what)
            .isEqualTo(code == 0 ? "OK" : "FAIL");
        assertThat(answer.path("ErrorInfo").asText().isEmpty()).as(what).isEqualTo(code == 0);
        assertThat(code).as(what).isNotIn(91_000, 70_500, 70_169, -1);
        succeeded += code == 0 ? 1 : 0;
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError(what + ": " + request.bodyText(), e);
      }
    }
    assertThat(succeeded).as("seed %s reaches the commands", seed).isGreaterThan(cases / 100);
    assertThat(server.node().broken()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[],",
        "{},",
        "1,",
        "\"\",",
        "\"\\ud83d\\ude00\",",
        "{\"a\":{}},",
        "123456789012345678901234567890,",
        "1.5e300,"
      })
  void a_body_of_the_largest_size_costs_no_more_than_its_cap(String filling) {
    String start = "{\"UserTags\":[";
    int times = (server.face().maxBodyBytes() - start.length() - 3) / filling.length();
    Request request =
        TencentServer.call("all_member_push/im_add_tag", start + filling.repeat(times) + "1]}");
    assertThat(server.code(request)).isEqualTo(90_018);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    assertThat(server.code(request)).isEqualTo(90_018);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated).isLessThan(CALL_BYTES + CALL_BYTES_PER_BYTE * request.body().length);
  }

  @Test
  void what_is_not_signed_never_costs_a_parsed_body() {
    String body = "{\"UserTags\":[" + "{},".repeat(300_000) + "1]}";
    Request request =
        TencentServer.request(
            "/v4/all_member_push/im_add_tag", TencentServer.query().replace("eJw1", "eJw2"), body);
    assertThat(server.code(request)).isEqualTo(70_003);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    assertThat(server.code(request)).isEqualTo(70_003);
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(CALL_BYTES);
  }

  /// A request whose body or query was changed.
  private Request hostile() {
    Action action = ACTIONS.get(random.nextInt(ACTIONS.size()));
    String body = mutations.mutate(BODIES.get(random.nextInt(BODIES.size())), random.nextInt(4));
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 0 && random.nextInt(20) == 0) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    boolean wire = random.nextInt(4) == 0;
    return new Request(
        random.nextInt(50) == 0 ? "PUT" : "POST",
        random.nextInt(50) == 0 ? mutations.mutate(action.path(), 1) : action.path(),
        wire ? mutations.mutate(TencentServer.query(), random.nextInt(3)) : TencentServer.query(),
        Map.of(),
        bytes,
        "127.0.0.1");
  }
}
