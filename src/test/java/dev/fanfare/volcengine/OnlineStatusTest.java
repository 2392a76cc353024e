package dev.fanfare.volcengine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.member.Member;
import dev.fanfare.member.Presence;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnlineStatusTest {
  private final FakeServer server = new FakeServer();

  OnlineStatusTest() {
    for (int id = 1; id <= 101; id++) {
      Member member =
          new Member("" + id, id, "", "", List.of(), Map.of(), Map.of(), false, 1, 1, 1);
      server.members.put(member.id(), member);
    }
  }

  @Test
  void users_who_are_online_come_in_the_order_of_the_request_with_each_connection() {
    connect("2", "c-1", "10001", "Android");
    connect("1", "c-2", "phone", "web");
    connect("2", "c-3", "", "");
    assertThat(server.result("QueryOnlineStatus", ids("2,3,1,999,2")))
        .isEqualTo(
            "{\"AppId\":123456,\"QueryOnlineResults\":{\"2\":["
                + entry("c-1", "10001", "Android", 2)
                + ","
                + entry("c-3", "0", "", 2)
                + "],\"1\":["
                + entry("c-2", "0", "Web", 1)
                + "]}}");
    assertThat(server.proposed).isEmpty();
  }

  @Test
  void when_nobody_is_online_the_results_are_an_empty_object() {
    assertThat(server.result("QueryOnlineStatus", ids("1,999")))
        .isEqualTo("{\"AppId\":123456,\"QueryOnlineResults\":{}}");
  }

  @ParameterizedTest
  @CsvSource({
    "Android, Android",
    "ANDROID, Android",
    "ios, iOS",
    "IOS, iOS",
    "web, Web",
    "iPad, iPad",
    "Harmony 5, Harmony 5",
    "'', ''"
  })
  void the_documented_platforms_are_spelled_as_documented_and_others_as_given(
      String given, String shown) {
    connect("1", "c", "", given);
    assertThat(server.result("QueryOnlineStatus", ids("1")))
        .contains("\"Platform\":\"" + shown + "\"");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "9223372036854775807, 9223372036854775807",
    "9223372036854775808, 0",
    "99999999999999999999, 0",
    "007, 0",
    "-1, 0",
    "1.5, 0",
    "a1, 0"
  })
  void a_device_that_is_no_canonical_decimal_has_the_id_0(String device, String shown) {
    connect("1", "c", device, "");
    assertThat(server.result("QueryOnlineStatus", ids("1")))
        .contains("\"DeviceId\":" + shown + ",");
  }

  @Test
  void one_to_a_hundred_users_are_asked_for() {
    assertThat(server.error("QueryOnlineStatus", ids(list(100)))).startsWith("200 ");
    assertThat(server.error("QueryOnlineStatus", ids(list(101))))
        .isEqualTo("400 200002 InvalidParam: UserIds must have 1 to 100 elements.");
    assertThat(server.error("QueryOnlineStatus", ids("")))
        .isEqualTo("400 200002 InvalidParam: UserIds must have 1 to 100 elements.");
    assertThat(server.error("QueryOnlineStatus", "{\"AppId\":123456}"))
        .isEqualTo("400 200002 InvalidParam: UserIds is required.");
  }

  private void connect(String member, String id, String device, String platform) {
    server.connections.add(new Presence.Connection(member, id, device, platform, FakeServer.NOW));
  }

  private static String entry(String connection, String device, String platform, int user) {
    return "{\"ClientVersion\":0,\"ConnId\":\"%s\",\"DeviceId\":%s,\"Platform\":\"%s\",\"UserId\":%d}"
        .formatted(connection, device, platform, user);
  }

  private static String ids(String list) {
    return "{\"AppId\":123456,\"UserIds\":[" + list + "]}";
  }

  private static String list(int size) {
    return IntStream.rangeClosed(1, size)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(","));
  }
}
