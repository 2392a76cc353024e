package dev.fanfare.tencent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.app.Size;
import java.time.Duration;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a request may hold at most is what the app has set, for each size of this dialect.
class TencentSizesTest {
  private static final int SET = 3;
  private static final String PUSH = "all_member_push/im_push";

  private record Sent(String command, String body) {}

  static Stream<Size> sizes() {
    return Stream.of(Size.values()).filter(size -> size.name().startsWith("TENCENT_"));
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void a_size_is_the_one_that_the_app_has_set(Size size) {
    try (TencentServer server = new TencentServer()) {
      server.accounts("u0");
      server.limit("tencentAutoImport", "true");
      server.limit("tagsPerMember", "1000");
      int set = size == Size.TENCENT_PUSH_BODY ? sent(size, SET).body().length() : SET;
      if (size == Size.TENCENT_BATCH_BODY) {
        set = sent(size, SET).body().length();
      }
      if (size == Size.TENCENT_COUNTED_TASKS) {
        for (int i = 0; i <= SET; i++) {
          server.answer(PUSH, push("").body());
          server.clock.advance(Duration.ofMinutes(2));
        }
      }
      if (size == Size.TENCENT_CUSTOM_ELEMENTS) {
        server.limit(size.limit().name(), "100");
      }
      if (size == Size.TENCENT_ATTRIBUTE_VALUE) {
        server.push("im_set_attr_name", "{\"AttrNames\":{\"0\":\"sex\"}}");
      }
      assertThat(fails(server, sent(size, SET + 1))).as("before").isFalse();
      server.limit(size.limit().name(), Integer.toString(set));
      assertThat(fails(server, sent(size, SET))).as("as many as set").isFalse();
      assertThat(fails(server, sent(size, SET + 1))).as("one more").isTrue();
    }
  }

  /// Whether the request, or its only account, is refused.
  private static boolean fails(TencentServer server, Sent sent) {
    JsonNode answer = TencentServer.json(server.answer(sent.command(), sent.body()));
    return answer.path("ErrorCode").asInt(-1) != 0;
  }

  private static Sent sent(Size size, int n) {
    String text = "x".repeat(n);
    String accounts = list(n, i -> "\"u" + i + "\"");
    return switch (size) {
      case TENCENT_IMPORTED_ACCOUNTS ->
          new Sent("im_open_login_svc/multiaccount_import", "{\"Accounts\":" + accounts + "}");
      case TENCENT_DELETED_ACCOUNTS ->
          new Sent("im_open_login_svc/account_delete", "{\"DeleteItem\":" + items(n) + "}");
      case TENCENT_CHECKED_ACCOUNTS ->
          new Sent("im_open_login_svc/account_check", "{\"CheckItem\":" + items(n) + "}");
      case TENCENT_ONLINE_STATUS ->
          new Sent("openim/query_online_status", "{\"To_Account\":" + accounts + "}");
      case TENCENT_ACCOUNTS ->
          new Sent("all_member_push/im_get_tag", "{\"To_Account\":" + accounts + "}");
      case TENCENT_REPLACED_TAGS ->
          new Sent(
              "timpush/add_tag",
              "{\"Replace\":1,\"To_Account\":\"u0\",\"Tags\":"
                  + list(n, i -> "\"t" + i + "\"")
                  + "}");
      case TENCENT_BATCH_ACCOUNTS -> batch(",\"To_Account\":" + accounts);
      case TENCENT_BATCH_BODY -> batch(",\"To_Account\":[\"u0\"],\"Own\":\"" + text + "\"");
      case TENCENT_DATA_ID -> batch(",\"To_Account\":[\"u0\"],\"DataId\":\"" + text + "\"");
      case TENCENT_STATISTICS_TASKS -> statistics("statistics", 1, accounts);
      case TENCENT_STATISTICS_DAYS -> statistics("statistics", n * 86_400L, "[]");
      case TENCENT_LOSS_DAYS -> statistics("loss", n * 86_400L, "[]");
      case TENCENT_COUNTED_TASKS ->
          new Sent(
              "timpush/all_member_push_statistics",
              "{\"StartTime\":%d,\"EndTime\":%d,\"TaskID\":[]}"
                  .formatted(
                      TencentServer.NOW.getEpochSecond() + 120L * (SET + 1 - n),
                      TencentServer.NOW.getEpochSecond() + 120L * (SET + 1)));
      case TENCENT_ADDED_TAGS -> tags("im_add_tag", list(n, i -> "\"t" + i + "\""));
      case TENCENT_REMOVED_TAGS -> tags("im_remove_tag", list(n, i -> "\"t" + i + "\""));
      case TENCENT_TAG -> tags("im_add_tag", "[\"" + text + "\"]");
      case TENCENT_CONDITION_TAGS ->
          push(",\"Condition\":{\"TagsOr\":" + list(n, i -> "\"t" + i + "\"") + "}");
      case TENCENT_ATTRIBUTE_NAME ->
          new Sent("all_member_push/im_set_attr_name", "{\"AttrNames\":{\"0\":\"" + text + "\"}}");
      case TENCENT_ATTRIBUTE_VALUE ->
          new Sent(
              "all_member_push/im_set_attr",
              "{\"UserAttrs\":[{\"To_Account\":\"u0\",\"Attrs\":{\"sex\":\"" + text + "\"}}]}");
      case TENCENT_USER_ID ->
          new Sent("im_open_login_svc/account_import", "{\"UserID\":\"" + text + "\"}");
      case TENCENT_PROFILE ->
          new Sent(
              "im_open_login_svc/account_import", "{\"UserID\":\"u0\",\"Nick\":\"" + text + "\"}");
      case TENCENT_PUSH_BODY -> push(",\"Own\":\"" + text + "\"");
      case TENCENT_CUSTOM_ELEMENTS ->
          new Sent(
              PUSH,
              "{\"MsgRandom\":1,\"MsgBody\":"
                  + list(n, _ -> "{\"MsgType\":\"TIMCustomElem\",\"MsgContent\":{}}")
                  + "}");
      case TENCENT_LIFETIME -> push(",\"MsgLifeTime\":" + n);
      default -> throw new IllegalArgumentException("a size of another dialect: " + size);
    };
  }

  private static Sent batch(String more) {
    return new Sent("timpush/batch", "{\"MsgRandom\":1,\"OfflinePushInfo\":{}" + more + "}");
  }

  private static Sent statistics(String what, long seconds, String tasks) {
    return new Sent(
        "timpush/all_member_push_" + what,
        "{\"StartTime\":1,\"EndTime\":" + (seconds + 1) + ",\"TaskID\":" + tasks + "}");
  }

  private static Sent tags(String command, String tags) {
    return new Sent("all_member_push/" + command, "{\"To_Account\":\"u0\",\"Tags\":" + tags + "}");
  }

  private static Sent push(String more) {
    return new Sent(
        PUSH,
        "{\"MsgRandom\":1,\"MsgBody\":[{\"MsgType\":\"TIMFaceElem\",\"MsgContent\":{}}]"
            + more
            + "}");
  }

  private static String items(int n) {
    return list(n, i -> "{\"UserID\":\"u" + i + "\"}");
  }

  private static String list(int n, IntFunction<String> element) {
    return IntStream.range(0, n).mapToObj(element).collect(Collectors.joining(",", "[", "]"));
  }
}
