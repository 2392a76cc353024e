package dev.fanfare.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fanfare.gateway.EventClient.Event;
import dev.fanfare.http.TrustedProxies;
import dev.fanfare.journal.Position;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Server-sent events and acknowledgements by POST, over real sockets.
@ParameterizedClass
@EnumSource(
    value = Transport.class,
    names = {"EPOLL", "NIO"})
final class EventStreamTest {
  private final GatewayFixture fixture;

  EventStreamTest(Transport transport) {
    GatewayLimits standard = GatewayLimits.STANDARD;
    GatewayLimits impatient =
        new GatewayLimits(
            standard.perAddress(),
            standard.handshakesPerSecond(),
            standard.devicesPerMember(),
            standard.fromDevice(),
            new GatewayLimits.Times(10, 1, 60));
    fixture =
        new GatewayFixture(new Gateway.Edge(transport, TrustedProxies.NONE, impatient, false));
    var _ = fixture.node().register("10001");
    var _ = fixture.node().register("10002");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private String query(String member) {
    return "?app=demo&token=" + fixture.token(member);
  }

  private EventClient listen(String member, String more, String... headers) {
    return EventClient.open(fixture.gateway().port(), "/sse" + query(member) + more, headers);
  }

  private static List<Event> heard(EventClient client, String type) {
    return client.next(type).stream().filter(event -> !event.type().equals(":")).toList();
  }

  private static List<String> types(List<Event> events) {
    return events.stream().map(Event::type).toList();
  }

  private static List<String> ids(List<Event> events) {
    return events.stream()
        .filter(event -> event.type().equals("broadcast"))
        .map(event -> event.json().path("id").asText())
        .toList();
  }

  private RawClient.Answer ask(String request) {
    try (RawClient client = fixture.raw()) {
      return client.ask(request);
    }
  }

  private RawClient.Answer post(String query, String body) {
    String head = "POST /ack" + query + " HTTP/1.1\r\nHost: localhost\r\n";
    return ask(head + "Content-Length: " + body.length() + "\r\n\r\n" + body);
  }

  private static String ack(String position) {
    return "{\"type\":\"ack\",\"position\":\"" + position + "\"}";
  }

  @Test
  void events_carry_type_and_json_and_only_what_is_to_be_stored_has_an_id() {
    fixture.send("b1");
    try (EventClient client = listen("10001", "")) {
      List<Event> first = heard(client, "caught-up");
      fixture.send("b2");
      List<Event> all = new ArrayList<>(first);
      all.addAll(heard(client, "broadcast"));
      fixture.recall("b2");
      all.addAll(heard(client, "recall"));
      assertThat(types(all))
          .containsExactly("hello", "broadcast", "caught-up", "broadcast", "recall");
      assertThat(all.getFirst().id()).isNull();
      for (Event event : all) {
        assertThat(event.json().path("type").asText()).isEqualTo(event.type());
        if (!event.type().equals("hello")) {
          assertThat(event.id()).isEqualTo(event.json().path("position").asText());
        }
      }
      GatewayFixture.await("reached", () -> fixture.counters("b1").reached() == 1);
    }
  }

  @Test
  void response_is_a_stream_that_ends_with_its_connection() {
    RawClient.Answer answer =
        ask("GET /sse" + query("10001") + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.head())
        .contains("content-type: text/event-stream\r\n", "connection: close\r\n", "no-store")
        .doesNotContain("chunked", "content-length", "access-control");
  }

  @Test
  void last_event_id_says_where_to_go_on_whatever_the_url_says() {
    fixture.send("b1");
    fixture.send("b2");
    String first;
    try (EventClient client = listen("10001", "")) {
      List<Event> all = heard(client, "caught-up");
      assertThat(ids(all)).containsExactly("b1", "b2");
      first = all.get(1).json().path("position").asText();
    }
    try (EventClient client = listen("10001", "&after=1abcdef-0", "Last-Event-ID", first)) {
      assertThat(ids(heard(client, "caught-up"))).containsExactly("b2");
    }
    try (EventClient client = listen("10001", "&after=" + first)) {
      assertThat(ids(heard(client, "caught-up"))).containsExactly("b2");
    }
    try (EventClient client = listen("10001", "", "Last-Event-ID", "nonsense")) {
      List<Event> all = heard(client, "caught-up");
      assertThat(types(all)).startsWith("hello", "gap");
      assertThat(all.get(1).id()).as("a gap is not stored").isNull();
    }
  }

  @Test
  void line_breaks_of_the_sender_do_not_end_an_event() {
    String body = "{\"body\":\n {\"text\":\r\n\"a\\nb\"}\r}";
    fixture.send("b1", sent -> sent.setMessage(ByteString.copyFromUtf8(body)));
    try (EventClient client = listen("10001", "")) {
      Event broadcast = heard(client, "broadcast").getLast();
      assertThat(broadcast.json().at("/message/body/text").asText()).isEqualTo("a\nb");
    }
  }

  @Test
  void comment_comes_while_nothing_else_does() {
    try (EventClient client = listen("10001", "")) {
      client.next("caught-up");
      assertThat(client.next().type()).isEqualTo(":");
      assertThat(client.next().type()).isEqualTo(":");
    }
  }

  private static void ends(EventClient client, int code) {
    Event last = heard(client, "close").getLast();
    assertThat(last.data()).isEqualTo("{\"type\":\"close\",\"code\":" + code + "}");
    assertThat(last.id()).isNull();
    assertThat(client.next().type()).as("the end").isEmpty();
  }

  @Test
  void stream_ends_with_what_websockets_are_closed_with() {
    try (EventClient first = listen("10001", "&device=phone");
        EventClient removed = listen("10002", "")) {
      first.next("caught-up");
      removed.next("caught-up");
      fixture.remove("10002");
      ends(removed, 4001);
      try (EventClient second = listen("10001", "&device=phone")) {
        second.next("caught-up");
        ends(first, 4009);
        fixture.closeGateway();
        ends(second, 1012);
      }
    }
  }

  @Test
  void refusals_come_before_the_stream() {
    String wrong = "/sse?app=demo&token=x";
    int port = fixture.gateway().port();
    try (EventClient refused = EventClient.open(port, wrong);
        EventClient stranger = listen("stranger", "");
        EventClient app = EventClient.open(port, "/sse?token=x")) {
      assertThat(refused.status()).isEqualTo(401);
      assertThat(stranger.status()).isEqualTo(403);
      assertThat(app.status()).isEqualTo(400);
    }
    try (EventClient back = EventClient.open(port, wrong, "Last-Event-ID", "1abcdef-1");
        EventClient gone = listen("stranger", "", "Last-Event-ID", "1abcdef-1")) {
      assertThat(back.status()).as("stops an EventSource").isEqualTo(204);
      assertThat(gone.status()).isEqualTo(204);
    }
    assertThat(ask("POST /sse HTTP/1.1\r\nHost: l\r\n\r\n").status()).isEqualTo(405);
  }

  @Test
  void ninth_device_is_a_conflict_and_leaves_the_others_alone() {
    List<EventClient> devices = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      devices.add(listen("10001", ""));
      devices.getLast().next("caught-up");
    }
    RawClient.Answer ninth =
        ask("GET /sse" + query("10001") + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertThat(ninth.status()).isEqualTo(409);
    assertThat(ninth.body()).contains("\"code\":\"too_many_devices\"");
    assertThat(fixture.connect("10001").closeCode()).isEqualTo(4010);
    fixture.send("b1");
    devices.forEach(device -> device.next("broadcast"));
    devices.forEach(EventClient::close);
  }

  @Test
  void full_server_asks_to_come_again() {
    try (GatewayFixture full = new GatewayFixture(1, 1)) {
      var _ = full.node().register("10001");
      try (DeviceClient _ = full.connected("10001");
          RawClient client = full.raw()) {
        full.allow("https://app.example.com");
        String head = " HTTP/1.1\r\nHost: l\r\nOrigin: https://app.example.com\r\n\r\n";
        RawClient.Answer refused =
            client.ask("GET " + full.target("10001", "").replace("ws", "sse") + head);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.head())
            .contains(
                "retry-after: 1\r\n",
                "access-control-allow-origin: https://app.example.com\r\n",
                "access-control-expose-headers: retry-after\r\n");
      }
    }
  }

  @Test
  void posted_acknowledgement_counts_once_it_is_answered() {
    try (EventClient client = listen("10001", "")) {
      client.next("caught-up");
      fixture.send("b1");
      Event broadcast = heard(client, "broadcast").getLast();
      RawClient.Answer answer = post(query("10001"), ack(String.valueOf(broadcast.id())));
      assertThat(answer.status()).isEqualTo(204);
      assertThat(fixture.counters("b1").delivered()).isEqualTo(1);
      assertThat(fixture.counters("b1").reached()).isEqualTo(1);
      assertThat(post(query("10001"), "{\"type\":\"read\",\"id\":\"b1\"}").status()).isEqualTo(204);
      assertThat(fixture.counters("b1").read()).isEqualTo(1);
    }
  }

  @Test
  void posted_position_is_cut_to_the_head_and_counts_for_what_the_member_was_reached_by() {
    fixture.send("b1");
    assertThat(post(query("10001"), ack("1abcdef-999999")).status()).isEqualTo(204);
    assertThat(fixture.counters("b1").delivered()).as("not reached").isZero();
    try (EventClient client = listen("10001", "")) {
      assertThat(ids(heard(client, "caught-up"))).containsExactly("b1");
      assertThat(post(query("10001"), ack("9zzzzzz-999999")).status()).isEqualTo(204);
      assertThat(fixture.counters("b1").delivered()).as("another epoch").isZero();
      assertThat(post(query("10001"), ack("1abcdef-999999")).status()).isEqualTo(204);
      assertThat(fixture.counters("b1").delivered()).isEqualTo(1);
      fixture.send("b2");
      heard(client, "broadcast");
      GatewayFixture.await("reached", () -> fixture.counters("b2").reached() == 1);
      assertThat(fixture.counters("b2").delivered()).as("came after").isZero();
      String head = fixture.node().replica().position().toString();
      assertThat(Position.parse(head)).isPresent();
      assertThat(post(query("10001"), ack(head)).status()).isEqualTo(204);
      assertThat(fixture.counters("b2").delivered()).isEqualTo(1);
    }
  }

  @Test
  void posts_that_say_nothing_are_refused() {
    String query = query("10001");
    assertThat(post(query, "").status()).isEqualTo(400);
    assertThat(post(query, "{\"type\":\"hello\"}").body()).contains("\"code\":\"bad_message\"");
    assertThat(post(query, " ".repeat(4_097)).status()).isEqualTo(413);
    assertThat(post(query, " ".repeat(1_000_000)).status()).isEqualTo(413);
    assertThat(post("?app=demo&token=x", ack("1abcdef-1")).status()).isEqualTo(401);
    assertThat(post("?app=demo&token=x", "{}").status()).as("credentials first").isEqualTo(401);
    assertThat(post(query("stranger"), "{}").status()).isEqualTo(403);
    assertThat(post("?app=demo", ack("1abcdef-1")).status()).isEqualTo(401);
    RawClient.Answer get = ask("GET /ack" + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertThat(get.status()).isEqualTo(405);
    assertThat(get.head()).contains("allow: post, options\r\n");
  }

  @Test
  void chunked_post_is_understood() {
    String message = ack("1abcdef-1");
    RawClient.Answer answer =
        ask(
            "POST /ack%s HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"
                .formatted(query("10001"), message.length(), message));
    assertThat(answer.status()).isEqualTo(204);
  }

  @Test
  void server_that_cannot_judge_now_asks_to_come_again() {
    fixture.store().failReads(true);
    RawClient.Answer answer = post(query("10001"), ack("1abcdef-1"));
    fixture.store().failReads(false);
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.head()).contains("retry-after: 1\r\n");
  }

  @Test
  void pages_may_listen_and_acknowledge_from_allowed_origins_only() {
    fixture.allow("https://app.example.com");
    String from = " HTTP/1.1\r\nHost: l\r\nOrigin: https://app.example.com\r\n";
    String allowed = "access-control-allow-origin: https://app.example.com\r\n";
    RawClient.Answer events = ask("GET /sse" + query("10001") + from + "\r\n");
    assertThat(events.status()).isEqualTo(200);
    assertThat(events.head()).contains(allowed, "vary: origin\r\n");
    RawClient.Answer readable = ask("GET /sse?app=demo&token=x" + from + "\r\n");
    assertThat(readable.status()).isEqualTo(401);
    assertThat(readable.head()).contains(allowed);
    RawClient.Answer preflight =
        ask(
            "OPTIONS /ack?app=demo"
                + from
                + "Access-Control-Request-Method: POST\r\n"
                + "Access-Control-Request-Headers: authorization\r\n\r\n");
    assertThat(preflight.status()).isEqualTo(204);
    assertThat(preflight.head())
        .contains(allowed, "access-control-allow-methods: post", "authorization, content-type");
    String other = from.replace("app.example", "evil.example");
    for (String request : List.of("GET /sse", "OPTIONS /sse", "POST /ack", "OPTIONS /ack")) {
      RawClient.Answer refused = ask(request + query("10001") + other + "\r\n");
      assertThat(refused.status()).as(request).isEqualTo(403);
      assertThat(refused.head()).doesNotContain("access-control");
    }
  }

  @Test
  void streams_that_break_leave_nothing_behind() {
    for (int i = 0; i < 20; i++) {
      try (EventClient client = listen("10001", "")) {
        client.next("hello");
      }
    }
    GatewayFixture.await("all left", () -> fixture.gateway().connections() == 0);
    GatewayFixture.await(
        "nobody is online", () -> fixture.gateway().presence().online(1).isEmpty());
  }

  @Test
  void who_speaks_into_its_stream_is_cut_off() {
    try (RawClient client = fixture.raw()) {
      client.ask("GET /sse" + query("10001") + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      client.say(new byte[] {1});
      assertThat(client.ends()).isTrue();
    }
  }
}
