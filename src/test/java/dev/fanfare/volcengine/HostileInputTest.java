package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.fanfare.Mutations;
import dev.fanfare.http.Request;
import dev.fanfare.http.Response;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Mutated requests are answered, never thrown at, and cost no more memory than their size allows.
///
/// `-Dseed=N` replays a run; `-Dlong=true` makes it a million cases, `-Dfuzz.cases=N` as many.
class HostileInputTest {
  private static final Set<Integer> STATUSES = Set.of(200, 400, 401, 403, 404, 405);

  /// What a call may allocate: a constant, and so much for each byte of the request. What costs
  /// most for its size is a body of empty objects, of which each is a map.
  private static final long CALL_BYTES = 256 << 10;

  private static final long CALL_BYTES_PER_BYTE = 256;
  private static final List<String> WORDS =
      List.of(
          "null",
          "true",
          "-1",
          "1e400",
          "9223372036854775808",
          "\"\\ud800\"",
          "{\"$ref\":\"$\"}",
          "{\"$ref\":\"$.Users[0]\"}",
          "{\"$ref\":\"$.Users[0].Ext\"}",
          "[[[[",
          "%ff",
          "%",
          "Action=",
          "X-Expires=-1&",
          "Credential=",
          ", Signature=",
          "AK/20261121/cn-north-1/rtc/request");
  private static final List<String> BODIES =
      List.of(
          "{\"AppId\":123456,\"Users\":[{\"Ext\":{\"key\":\"值"
              + " 😀\"},\"NickName\":\"用户\",\"Portrait\":\"p\",\"Tags\":[\"level:1\"],\"IsRobot\":true,\"UserId\":900000001},{\"$ref\":\"$.Users[0]\"}]}",
          "{\"AppId\":123456,\"UserIds\":[900000001,900000002],\"Tags\":[\"vip\"],\"Op\":0}",
          "{\"AppId\":123456,\"Content\":\"{\\\"text\\\":\\\"hello\\\"}\",\"Ext\":{\"e\":\"1\"},\"InboxType\":0,\"MsgTTL\":300,\"MsgType\":10001,\"Sender\":9,\"TagOp\":0,\"Tags\":[\"vip\"],\"UserId\":1,\"ExpireTime\":9999999999999}");
  private static final List<String> ACTIONS =
      List.of(
          "RegisterUsers",
          "UnRegisterUsers",
          "BatchGetUser",
          "BatchUpdateUser",
          "BatchUpdateUserTags",
          "UserBroadcast",
          "GetAppToken",
          "QueryOnlineStatus");

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final String SIGNED =
      "HMAC-SHA256 Credential=AK/20261121/cn-north-1/rtc/request,"
          + " SignedHeaders=content-type;host;x-date, Signature="
          + "5".repeat(64);

  private final long seed = Long.getLong("seed", new Random().nextLong());
  private final int cases =
      Integer.getInteger("fuzz.cases", Boolean.getBoolean("long") ? 1_000_000 : 20_000);
  private final SplittableRandom random = new SplittableRandom(seed);
  private final Mutations mutations = new Mutations(random, WORDS);
  private final FakeServer server = new FakeServer();

  @Test
  void mutated_requests_are_answered_with_an_envelope() {
    VolcengineFace face = server.face();
    int succeeded = 0;
    for (int i = 0; i < cases; i++) {
      Request request = hostile();
      server.proposed.clear();
      String what = "seed " + seed + " case " + i;
      try {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        Response response = face.answer(request);
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated < cap(request) || againWithin(face, request)).as(what).isTrue();
        assertThat(STATUSES).as(what).contains(response.status());
        String error = FakeServer.error(response);
        assertThat(response.status() == 200 || error.matches("(?s)4\\d\\d \\d{6} [A-Za-z]+: .+"))
            .as(what)
            .isTrue();
        assertThat(server.proposed.isEmpty() || response.status() == 200).as(what).isTrue();
        assertThat(FakeServer.json(response).at("/ResponseMetadata/Service").asText())
            .as(what)
            .isEqualTo("rtc");
        succeeded += response.status() == 200 ? 1 : 0;
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError(what + ": " + request.bodyText(), e);
      }
    }
    assertThat(succeeded).as("seed %s reaches the actions", seed).isGreaterThan(cases / 100);
  }

  /// Whether a request stays within its cap the second time. The first time it may be the one that
  /// loads a class.
  private static boolean againWithin(VolcengineFace face, Request request) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    var _ = face.answer(request);
    return THREADS.getCurrentThreadAllocatedBytes() - before < cap(request);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[],",
        "{},",
        "1,",
        "\"\",",
        "\"\\u00e9\",",
        "{\"a\":{}},",
        "123456789012345678901234567890,",
        "[[[[]]]],",
        "1.5e300,"
      })
  void a_body_of_the_largest_size_costs_no_more_than_its_cap(String filling) {
    String start = "{\"AppId\":123456,\"Users\":[";
    int times = (server.face().maxBodyBytes() - start.length() - 3) / filling.length();
    Request request = FakeServer.signed("RegisterUsers", start + filling.repeat(times) + "1]}");
    VolcengineFace face = server.face();
    long before = THREADS.getCurrentThreadAllocatedBytes();
    Response response = face.answer(request);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated < cap(request) || againWithin(face, request)).isTrue();
    assertThat(FakeServer.error(response)).contains("InvalidParam: Users must have 1 to 20");
  }

  @Test
  void a_body_of_many_keys_costs_no_more_than_its_cap() {
    StringBuilder body = new StringBuilder("{\"AppId\":123456");
    for (int i = 0; body.length() < server.face().maxBodyBytes() - 20; i++) {
      body.append(",\"").append(Integer.toString(i, 36)).append("\":1");
    }
    Request request = FakeServer.signed("BatchGetUser", body.append('}').toString());
    VolcengineFace face = server.face();
    long before = THREADS.getCurrentThreadAllocatedBytes();
    Response response = face.answer(request);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated < cap(request) || againWithin(face, request)).isTrue();
    assertThat(FakeServer.error(response)).contains("InvalidParam: UserIds is required.");
  }

  @Test
  void what_is_not_signed_costs_its_hash_and_never_a_parsed_body() {
    String body = "{\"AppId\":123456,\"Users\":[" + "{},".repeat(300_000) + "1]}";
    Request request =
        FakeServer.with(FakeServer.signed("RegisterUsers", body), "content-type", "text/plain");
    VolcengineFace face = server.face();
    assertThat(FakeServer.error(face.answer(request))).contains("SignatureDoesNotMatch");
    long before = THREADS.getCurrentThreadAllocatedBytes();
    assertThat(FakeServer.error(face.answer(request))).contains("SignatureDoesNotMatch");
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(CALL_BYTES);
  }

  private static long cap(Request request) {
    long bytes = (long) request.body().length + request.query().length();
    for (List<String> values : request.headers().values()) {
      bytes += values.getFirst().length();
    }
    return CALL_BYTES + CALL_BYTES_PER_BYTE * bytes;
  }

  @Test
  void mutated_parts_are_read_or_refused_by_each_reader() {
    for (int i = 0; i < cases; i++) {
      String what = "seed " + seed + " case " + i;
      String header = mutate(SIGNED, 3);
      try {
        read(header, i % 2 == 0);
      } catch (VolcengineException e) {
        assertThat(e.text()).as(what).isNotEmpty();
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError(what + ": " + header, e);
      }
      assertThat(
              Query.parse(mutate("Action=RegisterUsers&Version=2020-12-01&q=%20+%e4", 3))
                  .canonical())
          .as(what)
          .matches("[A-Za-z0-9%_.~=&-]*");
    }
  }

  private static void read(String header, boolean region) {
    if (region) {
      assertThat(Authorization.region(header).orElse("x")).isNotEmpty();
    }
    Authorization authorization = Authorization.parse(header);
    assertThat(authorization.scope().text()).isNotEmpty();
    assertThat(authorization.signedHeaderNames()).doesNotContain("");
  }

  /// A request whose body was changed before it was signed, or whose wire form was changed after.
  private Request hostile() {
    String body = mutate(BODIES.get(random.nextInt(BODIES.size())), random.nextInt(4));
    Request request = FakeServer.signed(ACTIONS.get(random.nextInt(ACTIONS.size())), body);
    if (random.nextInt(3) > 0) {
      return request;
    }
    Map<String, List<String>> headers = new LinkedHashMap<>();
    request
        .headers()
        .forEach((name, values) ->
            headers.put(
                name, random.nextInt(4) == 0 ? List.of(mutate(values.getFirst(), 2)) : values));
    byte[] bytes = request.body().clone();
    if (bytes.length > 0 && random.nextInt(3) == 0) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return new Request(
        random.nextInt(20) == 0 ? "PUT" : "POST",
        random.nextInt(20) == 0 ? mutate("/", 1) : "/",
        mutate(request.query(), random.nextInt(3)),
        headers,
        bytes,
        "127.0.0.1");
  }

  /// Half of what it mutates is what UTF-8 makes of it.
  private String mutate(String text, int times) {
    String mutated = mutations.mutate(text, times);
    byte[] bytes = mutated.getBytes(StandardCharsets.UTF_8);
    return random.nextBoolean() ? mutated : new String(bytes, StandardCharsets.UTF_8);
  }
}
