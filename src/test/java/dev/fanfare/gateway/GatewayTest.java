package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.journal.Position;
import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.Format;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// The device protocol over real sockets, on two shards.
@ParameterizedClass
@EnumSource(
    value = Transport.class,
    names = {"EPOLL", "NIO"})
final class GatewayTest {
  private final GatewayFixture fixture;

  GatewayTest(Transport transport) {
    fixture = new GatewayFixture(GatewayFixture.edge(transport));
    var _ = fixture.node().register("10001", "vip");
    var _ = fixture.node().register("10002");
  }

  @AfterEach
  void close() {
    fixture.close();
    assertThat(fixture.node().broken()).isFalse();
  }

  private static List<String> types(List<JsonNode> messages) {
    return messages.stream().map(message -> message.path("type").asText()).toList();
  }

  private static List<String> broadcasts(List<JsonNode> messages) {
    return messages.stream()
        .filter(message -> message.path("type").asText().equals("broadcast"))
        .map(message -> message.path("id").asText())
        .toList();
  }

  private static String position(JsonNode message) {
    return message.path("position").asText();
  }

  private static long offset(JsonNode message) {
    return Position.parse(position(message)).orElseThrow().offset();
  }

  private List<JsonNode> missed(String member, String more) {
    try (DeviceClient device = fixture.connect(member, more)) {
      return device.next("caught-up");
    }
  }

  @Test
  void device_hears_hello_then_what_it_missed_then_caught_up_then_live() {
    fixture.send("b1");
    fixture.send("b2");
    try (DeviceClient device = fixture.connect("10001")) {
      List<JsonNode> first = device.next("caught-up");
      fixture.send("b3");
      List<JsonNode> heard = new ArrayList<>(first);
      heard.addAll(device.nextBroadcast("b3"));
      assertThat(types(heard))
          .containsExactly("hello", "broadcast", "broadcast", "caught-up", "broadcast");
      assertThat(broadcasts(heard)).containsExactly("b1", "b2", "b3");
      JsonNode hello = heard.getFirst();
      assertThat(hello.path("app").asText()).isEqualTo("demo");
      assertThat(hello.path("member").asText()).isEqualTo("10001");
      assertThat(hello.path("time").asLong())
          .isCloseTo(System.currentTimeMillis(), within(60_000L));
      assertThat(offset(hello)).isZero();
      assertThat(heard).map(GatewayTest::offset).isSorted();
    }
  }

  @Test
  void broadcast_says_what_it_is() {
    fixture.send("b1");
    JsonNode heard = missed("10001", "").get(1);
    var sent = fixture.broadcast("b1");
    assertThat(heard.path("sentAt").asLong()).isEqualTo(sent.created());
    assertThat(heard.path("expiresAt").asLong()).isEqualTo(sent.started() + 3_600_000);
    assertThat(heard.path("from").asText()).isEqualTo("ops");
    assertThat(heard.path("format").asText()).isEqualTo("native");
    assertThat(heard.path("message").toString()).isEqualTo("{\"body\":\"b1\"}");
  }

  @Test
  void after_says_where_to_go_on() {
    fixture.send("b1");
    fixture.send("b2");
    List<JsonNode> all = missed("10001", "");
    String first = position(all.get(1));
    List<JsonNode> rest = missed("10001", "&after=" + first);
    assertThat(position(rest.getFirst())).isEqualTo(first);
    assertThat(broadcasts(rest)).containsExactly("b2");
    assertThat(broadcasts(missed("10001", "&after=" + position(all.getLast())))).isEmpty();
    assertThat(broadcasts(missed("10001", "&after=1abcdef-0"))).containsExactly("b1", "b2");
  }

  @Test
  void after_counts_as_an_acknowledgement() {
    fixture.send("b1");
    String first = position(missed("10001", "").get(1));
    missed("10001", "&after=" + first);
    GatewayFixture.await("delivered", () -> fixture.counters("b1").delivered() == 1);
    assertThat(broadcasts(missed("10001", ""))).isEmpty();
  }

  @Test
  void unknown_and_malformed_positions_are_a_gap_and_as_without() {
    fixture.send("b1");
    for (String after : new String[] {"9zzzzzz-5", "nonsense", "1abcdef-", "1abcdef-01"}) {
      List<JsonNode> heard = missed("10001", "&after=" + after);
      assertThat(types(heard)).containsExactly("hello", "gap", "broadcast", "caught-up");
      assertThat(heard.get(1).path("from").asText()).isEqualTo(after);
      assertThat(offset(heard.getFirst())).isZero();
    }
  }

  @Test
  void position_above_the_head_is_a_gap_and_goes_on_from_the_head() {
    fixture.send("b1");
    try (DeviceClient device = fixture.connect("10001", "&after=1abcdef-999999")) {
      List<JsonNode> heard = device.next("caught-up");
      assertThat(types(heard)).containsExactly("hello", "gap", "caught-up");
      assertThat(heard.get(1).path("from").asText()).isEqualTo("1abcdef-999999");
      fixture.send("b2");
      assertThat(broadcasts(device.nextBroadcast("b2"))).containsExactly("b2");
    }
    GatewayFixture.await("reached", () -> fixture.counters("b2").reached() == 1);
    assertThat(fixture.counters("b1").delivered()).as("a gap acknowledges nothing").isZero();
  }

  @Test
  void acknowledgement_sets_delivered_up_to_its_position() {
    try (DeviceClient device = fixture.connected("10001")) {
      fixture.send("b1");
      fixture.send("b2");
      String first = position(device.nextBroadcast("b1").getLast());
      device.nextBroadcast("b2");
      device.ack(first);
      GatewayFixture.await("delivered", () -> fixture.counters("b1").delivered() == 1);
      assertThat(fixture.counters("b1").reached()).isEqualTo(1);
      assertThat(fixture.counters("b2").delivered()).isZero();
    }
    assertThat(broadcasts(missed("10001", ""))).containsExactly("b2");
  }

  @Test
  void acknowledgement_is_cut_to_what_this_connection_was_told() {
    fixture.send("before");
    try (DeviceClient device = fixture.connected("10001")) {
      fixture.send("other", sent -> sent.setAudience(only("10002")));
      device.ack("1abcdef-999999");
      GatewayFixture.await("delivered", () -> fixture.counters("before").delivered() == 1);
      fixture.send("after");
      device.nextBroadcast("after");
      GatewayFixture.await("reached", () -> fixture.counters("after").reached() == 1);
      assertThat(fixture.counters("after").delivered()).isZero();
    }
  }

  @Test
  void acknowledgement_of_another_epoch_says_nothing() {
    try (DeviceClient device = fixture.connected("10001")) {
      fixture.send("b1");
      fixture.send("b2");
      JsonNode first = device.nextBroadcast("b1").getLast();
      device.nextBroadcast("b2");
      device.ack("9zzzzzz-999999");
      device.ack(position(first));
      GatewayFixture.await("delivered", () -> fixture.counters("b1").delivered() == 1);
      assertThat(fixture.counters("b2").delivered()).isZero();
      assertThat(device.isClosed()).isFalse();
    }
  }

  private static AudienceNode only(String member) {
    return AudienceSchema.encode(new Audience.Members(List.of(member)));
  }

  @Test
  void read_implies_delivered_and_counts_only_for_who_was_reached() {
    fixture.send("theirs", sent -> sent.setAudience(only("10002")));
    fixture.send("ours", sent -> sent.setAudience(only("10001")));
    try (DeviceClient device = fixture.connected("10001")) {
      device.read("unknown");
      device.read("theirs");
      device.read("ours");
      GatewayFixture.await("read", () -> fixture.counters("ours").read() == 1);
      assertThat(fixture.counters("ours").delivered()).isEqualTo(1);
      assertThat(fixture.counters("theirs").read()).isZero();
      assertThat(device.isClosed()).isFalse();
    }
  }

  @Test
  void ninth_device_is_one_too_many_on_whichever_shard() {
    List<DeviceClient> devices = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      devices.add(fixture.connected("10001"));
    }
    assertThat(fixture.connect("10001").closeCode()).isEqualTo(4010);
    fixture.connected("10002").close();
    devices.getFirst().close();
    GatewayFixture.await("one left", () -> fixture.gateway().connections() == 7);
    fixture.connected("10001").close();
    fixture.send("b1");
    devices.stream().skip(1).forEach(device -> device.nextBroadcast("b1"));
    devices.forEach(DeviceClient::close);
  }

  @Test
  void same_device_replaces_its_older_connection_on_whichever_shard() {
    List<DeviceClient> phones = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      phones.add(fixture.connected("10001", "&device=phone"));
    }
    for (DeviceClient older : phones.subList(0, 11)) {
      assertThat(older.closeCode()).isEqualTo(4009);
    }
    fixture.send("b1");
    phones.getLast().nextBroadcast("b1");
    assertThat(phones.getLast().isClosed()).isFalse();
    phones.getLast().close();
  }

  @Test
  void removed_member_is_told_before_any_later_broadcast() {
    try (DeviceClient device = fixture.connected("10001")) {
      fixture.send("paced", sent -> sent.setPace(1).setPivot(-1));
      fixture.remove("10001");
      fixture.send("later");
      assertThat(device.closeCode()).isEqualTo(4001);
      assertThat(broadcasts(device.rest())).doesNotContain("later");
    }
    var _ = fixture.node().register("10001");
    assertThat(broadcasts(missed("10001", ""))).as("a new member hears nothing old").isEmpty();
  }

  @Test
  void server_that_closes_says_so() {
    try (DeviceClient device = fixture.connected("10001")) {
      fixture.closeGateway();
      assertThat(device.closeCode()).isEqualTo(1012);
    }
  }

  @Test
  void journal_goes_on_after_the_gateway_closed() {
    fixture.closeGateway();
    fixture.send("b1");
    assertThat(fixture.counters("b1").recipients()).isEqualTo(2);
    assertThat(fixture.node().broken()).isFalse();
  }

  @Test
  void lengths_of_frames_are_right() {
    try (DeviceClient device = fixture.connected("10001")) {
      for (int bytes : new int[] {1, 300, 40_000, 70_000}) {
        String body = "x".repeat(bytes);
        fixture.send(
            "b" + bytes,
            sent -> sent.setMessage(ByteString.copyFromUtf8("{\"body\":\"" + body + "\"}")));
        JsonNode heard = device.nextBroadcast("b" + bytes).getLast();
        assertThat(heard.path("message").path("body").asText()).isEqualTo(body);
      }
    }
  }

  @Test
  void much_that_was_missed_comes_once_and_in_order() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      String body = "x".repeat(i % 3 == 0 ? 40_000 : 10);
      String id = "b" + i;
      ids.add(id);
      fixture.send(
          id, sent -> sent.setMessage(ByteString.copyFromUtf8("{\"body\":\"" + body + "\"}")));
    }
    assertThat(broadcasts(missed("10001", ""))).isEqualTo(ids);
  }

  @Test
  void volcengine_message_is_the_object_of_its_contract() {
    String stored =
        """
        {"AppId":123456,"MsgType":10001,"Content":"{\\"text\\":\\"hello\\"}","Sender":10001,"Ext":{"message_ext":"123"},"InboxType":0,"MsgTTL":300}\
        """;
    fixture.send(
        "v1",
        sent ->
            sent.setFormat(Format.VOLCENGINE)
                .setSender("10001")
                .setLifetimeSeconds(300)
                .setMessage(ByteString.copyFromUtf8(stored)));
    JsonNode heard = missed("10001", "").get(1);
    var sent = fixture.broadcast("v1");
    assertThat(heard.path("format").asText()).isEqualTo("volcengine");
    assertThat(heard.path("message").toString())
        .isEqualTo(
            """
            {"AppId":123456,"MessageId":%1$d,"MessageIdStr":"%1$d","MsgType":10001,"Content":"{\\"text\\":\\"hello\\"}","Sender":10001,"SenderStr":"10001","CreateTime":%2$d,"ExpireTime":%3$d,"Ext":{"message_ext":"123"},"Status":0,"ConversationShortId":0,"ConversationType":4,"InboxType":0}\
            """
                .formatted(sent.messageNumber(), sent.created(), sent.created() + 300_000));
  }

  @Test
  void lifetime_zero_reaches_only_who_was_connected_before() {
    try (DeviceClient before = fixture.connected("10001")) {
      fixture.send("momentary", sent -> sent.setLifetimeSeconds(0));
      JsonNode heard = before.nextBroadcast("momentary").getLast();
      assertThat(heard.has("expiresAt")).isFalse();
      fixture.send("lasting");
      assertThat(broadcasts(missed("10002", ""))).containsExactly("lasting");
      assertThat(broadcasts(missed("10001", "&after=1abcdef-0"))).containsExactly("lasting");
    }
  }

  @Test
  void paced_broadcast_comes_once_to_everyone() {
    try (DeviceClient first = fixture.connected("10001");
        DeviceClient second = fixture.connected("10002")) {
      fixture.send("paced", sent -> sent.setPace(1));
      first.nextBroadcast("paced");
      second.nextBroadcast("paced");
      fixture.send("marker");
      assertThat(broadcasts(first.nextBroadcast("marker"))).containsExactly("marker");
      assertThat(broadcasts(second.nextBroadcast("marker"))).containsExactly("marker");
    }
  }

  @Test
  void recall_is_told_and_ends_delivery() {
    try (DeviceClient has = fixture.connected("10001")) {
      fixture.send("wrong");
      has.nextBroadcast("wrong");
      fixture.recall("wrong");
      JsonNode recall = has.next("recall").getLast();
      assertThat(recall.path("id").asText()).isEqualTo("wrong");
      List<JsonNode> later = missed("10002", "");
      assertThat(types(later)).containsExactly("hello", "recall", "caught-up");
      assertThat(position(later.get(1))).isEqualTo(position(recall));
    }
  }

  @Test
  void expired_broadcast_is_not_delivered() {
    fixture.send("short", sent -> sent.setLifetimeSeconds(1));
    long expires = fixture.broadcast("short").expires();
    GatewayFixture.await("expiry", () -> System.currentTimeMillis() > expires);
    fixture.send("lasting");
    assertThat(broadcasts(missed("10001", ""))).containsExactly("lasting");
  }
}
