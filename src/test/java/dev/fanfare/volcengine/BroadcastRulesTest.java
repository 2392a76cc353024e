package dev.fanfare.volcengine;

import static dev.fanfare.volcengine.Bodies.broadcast;
import static dev.fanfare.volcengine.Bodies.ext;
import static dev.fanfare.volcengine.Bodies.quoted;
import static dev.fanfare.volcengine.Bodies.tagList;
import static dev.fanfare.volcengine.Bodies.tags;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.store.Table;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sections 5.6 and 9 of the contract: every limit at its last good value and one beyond.
class BroadcastRulesTest {
  private static final String FACE = "😀";

  private final FakeServer server = new FakeServer();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MsgType|1|2147483647|0|2147483648",
        "MsgTTL|1|604800|0|604801",
        "InboxType|0|2147483647|-1|2147483648",
        "TagOp|0|1|-1|2",
        "Sender|1|9223372036854775807|0|9223372036854775808",
        "MsgType|7|8|\"7\"|7.0",
        "MsgTTL|7|8|\"7\"|7e0",
        "InboxType|null|1|[]|{}",
        "TagOp|null|1|true|0.5"
      })
  void numbers_of_a_broadcast_have_limits(
      String field, String low, String high, String under, String over) {
    for (String good : List.of(low, high)) {
      assertThat(server.result("UserBroadcast", broadcast(field, good))).isEqualTo("{}");
    }
    for (String bad : List.of(under, over)) {
      assertThat(server.error("UserBroadcast", broadcast(field, bad)))
          .startsWith("400 200002 InvalidParam: " + field + " must be an integer from ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Sender", "MsgType", "Content", "MsgTTL"})
  void required_fields_of_a_broadcast(String field) {
    assertThat(server.error("UserBroadcast", broadcast(field, "null")))
        .startsWith("400 200002 InvalidParam: " + field + " ");
    assertThat(server.proposed).isEmpty();
  }

  @Test
  void text_of_a_broadcast_has_limits() {
    assertBroadcast("Content", quoted("c".repeat(32_768)), quoted("c".repeat(32_769)));
    assertBroadcast("Content", quoted(FACE.repeat(8_192)), quoted(FACE.repeat(8_192) + "c"));
    assertBroadcast("Content", quoted(" "), "\"\"");
    assertBroadcast("Content", "\"\\u0000\"", "\"\\ud800\"");
    assertBroadcast("Content", quoted("x"), "{\"text\":\"x\"}");
    assertBroadcast("Ext", ext(100), ext(101));
    assertBroadcast("Ext", ext("s:" + "k".repeat(100), "v".repeat(1_000)), "{\"k\":1}");
    assertBroadcast("Ext", "null", "[]");
    assertBroadcast("Tags", tagList(1_000), tagList(1_001));
    assertBroadcast("Tags", tags("t".repeat(256)), tags("t".repeat(257)));
    assertBroadcast("Tags", "[]", "[\"\"]");
    assertBroadcast("Tags", "null", "[1]");
  }

  private void assertBroadcast(String field, String good, String bad) {
    assertThat(server.result("UserBroadcast", broadcast(field, good))).isEqualTo("{}");
    assertThat(server.error("UserBroadcast", broadcast(field, bad)))
        .startsWith("400 200002 InvalidParam: " + field);
  }

  @Test
  void a_token_expires_in_the_future() {
    long now = FakeServer.NOW.toEpochMilli();
    assertThat(server.error("GetAppToken", token("1", now))).contains("ExpireTime must be in the");
    assertThat(server.answer("GetAppToken", token("1", now + 1)).status()).isEqualTo(200);
    assertThat(server.answer("GetAppToken", token("1", Long.MAX_VALUE)).status()).isEqualTo(200);
    assertThat(server.error("GetAppToken", token("0", now + 1))).contains("UserId must be");
    assertThat(server.error("GetAppToken", "{\"AppId\":123456,\"UserId\":1}"))
        .contains("ExpireTime is required");
  }

  private static String token(String userId, long expireTime) {
    return "{\"AppId\":123456,\"UserId\":" + userId + ",\"ExpireTime\":" + expireTime + "}";
  }

  @Test
  void a_broadcast_begins_at_one_of_the_users() throws Exception {
    Set<Integer> pivots = new TreeSet<>();
    try (LiveServer live = new LiveServer()) {
      live.answer("RegisterUsers", Bodies.batch("RegisterUsers", 3));
      for (int i = 0; i < 40; i++) {
        assertThat(live.answer("UserBroadcast", broadcast("MsgTTL", "" + (300 + i))).status())
            .isEqualTo(200);
      }
      for (byte[] stored : live.memory.table(Table.BROADCAST).values()) {
        pivots.add(BroadcastRecord.parseFrom(stored).getPivot());
      }
    }
    assertThat(pivots).containsExactly(0, 1, 2);
  }
}
