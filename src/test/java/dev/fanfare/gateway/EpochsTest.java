package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.app.Cell;
import dev.fanfare.journal.Position;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.OpenEpoch;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What devices hear whose positions are of a history that a restore cut off: b1 and b2 were there
/// before, b3 came in the epoch that began then.
final class EpochsTest {
  private final GatewayFixture fixture = new GatewayFixture();
  private String before = "";
  private long end;

  @BeforeEach
  void cutOff() {
    var _ = fixture.node().register("10001");
    fixture.send("b1");
    before = fixture.node().replica().position().toString();
    fixture.send("b2");
    end = fixture.node().replica().position().offset();
    open("2bbbbbb");
    fixture.send("b3");
  }

  private void open(String epoch) {
    OpenEpoch.Builder open = OpenEpoch.newBuilder().setId(epoch);
    var _ = fixture.node().propose(Command.newBuilder().setOpenEpoch(open).build());
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private List<JsonNode> heard(String after) {
    try (DeviceClient device = fixture.connect("10001", after)) {
      return device.next("caught-up");
    }
  }

  private static List<String> told(List<JsonNode> heard) {
    return heard.stream()
        .map(message ->
            message.path("type").asText()
                + " "
                + message.path(message.has("id") ? "id" : "from").asText())
        .map(String::strip)
        .toList();
  }

  private static String position(JsonNode message) {
    return message.path("position").asText();
  }

  private long delivered(String id) {
    return fixture.counters(id).delivered();
  }

  @Test
  void position_that_history_still_has_is_exact() {
    List<JsonNode> heard = heard("&after=" + before);
    assertThat(told(heard)).containsExactly("hello", "broadcast b2", "broadcast b3", "caught-up");
    assertThat(position(heard.getFirst())).isEqualTo(before);
    assertThat(position(heard.get(1))).isEqualTo("1abcdef-" + end);
    assertThat(position(heard.get(2))).isEqualTo("2bbbbbb-" + (end + 2));
    assertThat(told(heard("&after=1abcdef-" + end)))
        .containsExactly("hello", "broadcast b3", "caught-up");
  }

  @Test
  void position_that_was_lost_is_a_gap_and_goes_on_from_the_end_of_its_epoch() {
    String lost = "1abcdef-" + (end + 1);
    List<JsonNode> heard = heard("&after=" + lost);
    assertThat(told(heard)).containsExactly("hello", "gap " + lost, "broadcast b3", "caught-up");
    assertThat(position(heard.getFirst())).isEqualTo("1abcdef-" + end);
    assertThat(delivered("b1")).as("a gap acknowledges nothing").isZero();
  }

  @Test
  void position_of_another_history_is_a_gap_and_as_without() {
    assertThat(told(heard("&after=2zzzzzz-" + end)))
        .containsExactly(
            "hello",
            "gap 2zzzzzz-" + end,
            "broadcast b1",
            "broadcast b2",
            "broadcast b3",
            "caught-up");
  }

  @Test
  void position_above_the_head_of_the_open_epoch_is_a_gap_and_goes_on_from_the_head() {
    assertThat(told(heard("&after=2bbbbbb-999")))
        .containsExactly("hello", "gap 2bbbbbb-999", "caught-up");
  }

  @Test
  void positions_that_were_told_are_exact_when_they_come_back() {
    for (JsonNode message : heard("")) {
      String position = position(message);
      assertThat(told(heard("&after=" + position))).as(position).doesNotContain("gap " + position);
      assertThat(fixture.node().replica().place(Position.parse(position).orElseThrow()))
          .isInstanceOf(Cell.Place.Exact.class);
    }
  }

  @Test
  void acknowledgement_of_an_older_epoch_counts_up_to_its_position() {
    try (DeviceClient device = fixture.connected("10001")) {
      device.ack("1abcdef-" + end);
      GatewayFixture.await("delivered", () -> delivered("b2") == 1);
      assertThat(delivered("b1")).isEqualTo(1);
      assertThat(delivered("b3")).isZero();
      device.ack("2bbbbbb-" + (end + 2));
      GatewayFixture.await("delivered", () -> delivered("b3") == 1);
    }
  }

  @Test
  void posted_position_of_an_older_epoch_counts_up_to_the_end_of_that() {
    heard("");
    GatewayFixture.await("reached", () -> fixture.counters("b3").reached() == 1);
    post("1zzzzzz-" + end);
    assertThat(delivered("b1")).as("another history").isZero();
    post(before);
    assertThat(delivered("b1")).isEqualTo(1);
    assertThat(delivered("b2")).isZero();
    post("1abcdef-999");
    assertThat(delivered("b2")).isEqualTo(1);
    assertThat(delivered("b3")).as("came after that epoch").isZero();
    post("2bbbbbb-999");
    assertThat(delivered("b3")).isEqualTo(1);
  }

  private void post(String position) {
    String body = "{\"type\":\"ack\",\"position\":\"" + position + "\"}";
    String request =
        "POST /ack?app=demo&token=%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(fixture.token("10001"), body.length(), body);
    try (RawClient client = fixture.raw()) {
      assertThat(client.ask(request).status()).isEqualTo(204);
    }
  }
}
