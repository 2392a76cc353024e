package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.app.Size;
import dev.fanfare.schema.Limits;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a request may hold at most is what the app has set, for each size of this dialect.
class SizesTest {
  private static final int SET = 3;

  private final FakeServer server = new FakeServer();

  private record Sent(String action, String body) {}

  static Stream<Size> sizes() {
    return Stream.of(Size.values()).filter(size -> size.name().startsWith("VOLCENGINE_"));
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void a_size_is_the_one_that_the_app_has_set(Size size) {
    assertThat(complaints(sent(size, SET + 1))).as("before").isEmpty();
    set(size);
    assertThat(complaints(sent(size, SET))).as("as many as set").isEmpty();
    assertThat(complaints(sent(size, SET + 1))).as("one more").contains(" " + SET);
  }

  private void set(Size size) {
    Limits.Builder limits = Limits.newBuilder();
    size.limit().set(limits, SET);
    server.settings = new Settings(false, Settings.FailedUserId.AUTO, limits.build());
  }

  /// What the answer says is wrong with the request, or with its user; empty when nothing is.
  private String complaints(Sent sent) {
    var answer = server.face().answer(FakeServer.signed(sent.action(), sent.body()));
    String text = FakeServer.text(answer);
    return answer.status() == 200 && !text.contains("InvalidParam") ? "" : text;
  }

  private static Sent sent(Size size, int n) {
    String text = "x".repeat(n);
    return switch (size) {
      case VOLCENGINE_REGISTER_USERS -> batch("RegisterUsers", n);
      case VOLCENGINE_UN_REGISTER_USERS -> batch("UnRegisterUsers", n);
      case VOLCENGINE_BATCH_GET_USER -> batch("BatchGetUser", n);
      case VOLCENGINE_BATCH_UPDATE_USER -> batch("BatchUpdateUser", n);
      case VOLCENGINE_TAGGED_USERS -> batch("BatchUpdateUserTags", n);
      case VOLCENGINE_ONLINE_STATUS -> batch("QueryOnlineStatus", n);
      case VOLCENGINE_CHANGED_TAGS ->
          new Sent("BatchUpdateUserTags", Bodies.tagEdit("", Bodies.tagList(n)));
      case VOLCENGINE_NICK_NAME -> user("NickName", Bodies.quoted(text));
      case VOLCENGINE_PORTRAIT -> user("Portrait", Bodies.quoted(text));
      case VOLCENGINE_TAG -> user("Tags", Bodies.tags(text));
      case VOLCENGINE_EXT -> user("Ext", Bodies.ext(n));
      case VOLCENGINE_EXT_KEY -> user("Ext", Bodies.ext(text, "v"));
      case VOLCENGINE_EXT_VALUE -> user("Ext", Bodies.ext("k", text));
      case VOLCENGINE_BROADCAST_TAGS -> broadcast("Tags", Bodies.tagList(n));
      case VOLCENGINE_CONTENT -> broadcast("Content", Bodies.quoted(text));
      case VOLCENGINE_BROADCAST_EXT -> broadcast("Ext", Bodies.ext(n));
      case VOLCENGINE_LIFETIME -> broadcast("MsgTTL", Integer.toString(n));
      default -> throw new IllegalArgumentException("a size of another dialect: " + size);
    };
  }

  private static Sent batch(String action, int size) {
    return new Sent(action, Bodies.batch(action, size));
  }

  private static Sent user(String field, String value) {
    return new Sent(
        "RegisterUsers", Bodies.users("{\"UserId\":1,\"" + field + "\":" + value + "}"));
  }

  private static Sent broadcast(String field, String value) {
    return new Sent("UserBroadcast", Bodies.broadcast(field, value));
  }
}
