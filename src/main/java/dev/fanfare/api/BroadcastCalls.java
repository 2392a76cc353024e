package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.http.Response;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.schema.Role;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// The calls under `broadcasts`.
record BroadcastCalls(
    Replica replica,
    SendCall sending,
    LifeCalls life,
    RecipientCalls recipients,
    ProgressStreams streams) {
  private static final String BROADCAST = "/broadcasts/{broadcast}";

  List<Operation> operations() {
    List<Operation> all = new ArrayList<>(own());
    all.addAll(life.operations());
    all.addAll(recipients.operations());
    return all;
  }

  private List<Operation> own() {
    Access readers = Access.of(Role.SENDER, Role.READER);
    return List.of(
        Operation.inApp(
                "POST",
                "/broadcasts",
                sending::send,
                Description.of(
                        "Sends to an audience. 200 with the earlier broadcast when the call repeats"
                            + " one, 200 with a count when it is a dry run.")
                    .header("Idempotency-Key", "1 to 255 visible ASCII characters, kept 7 days")
                    .takes(
                        "NewBroadcast",
                        "{'audience': {'tag': 'vip'}, 'message': {'body': {'text': 'hello'}}}")
                    .answers(201, "Broadcast"))
            .allows(Access.of(Role.SENDER)),
        Operation.inApp(
                "GET",
                "/broadcasts",
                this::list,
                Description.of("Lists broadcasts of every dialect, newest first.")
                    .query("state", "Only these, separated by commas", "running,paused")
                    .paged()
                    .answers(200, "Broadcasts"))
            .allows(readers),
        Operation.inApp(
                "GET",
                BROADCAST,
                call -> Answers.json(200, json(find(call))),
                Description.of("Shows a broadcast of any dialect; its counters are exact.")
                    .answers(200, "Broadcast"))
            .allows(readers),
        Operation.inApp(
                "GET",
                BROADCAST + "/events",
                call -> streams.open(call, find(call)),
                Description.of("Tells the progress until it ends, as server-sent events.")
                    .streams(200, "text/event-stream"))
            .allows(readers),
        Operation.inApp(
                "GET",
                BROADCAST + "/timeline",
                call -> timeline(find(call)),
                Description.of("Says how the counters grew.").answers(200, "Timeline"))
            .allows(readers));
  }

  private Broadcast find(Call call) {
    return find(replica, call, call.parameter("broadcast"));
  }

  static Broadcast find(Replica replica, Call call, String id) {
    return replica.broadcast(call.app(), id).orElseThrow(() -> Problem.broadcastNotFound().raise());
  }

  private ObjectNode json(Broadcast broadcast) {
    return BroadcastJson.write(broadcast, replica);
  }

  /// Broadcasts of every dialect, newest first. A page looks at a bounded number of broadcasts and
  /// ends after some megabytes, so it can have fewer than the limit although more follow.
  private Response list(Call call) {
    QueryFields query = call.query();
    Set<BroadcastState> states = query.text("state").map(BroadcastCalls::states).orElse(Set.of());
    Page page = Page.of(query, Page.Kind.BROADCASTS);
    BroadcastPage shown = new BroadcastPage(page, Page.Kind.BROADCASTS, "broadcasts");
    replica
        .broadcasts()
        .newest(
            call.app().number(),
            page.from().orElse(Long.MAX_VALUE),
            broadcast ->
                shown.take(
                    broadcast,
                    () ->
                        states.isEmpty() || states.contains(broadcast.state())
                            ? json(broadcast)
                            : null));
    return Answers.json(200, shown.json());
  }

  private static Set<BroadcastState> states(String names) {
    Set<BroadcastState> states = EnumSet.noneOf(BroadcastState.class);
    for (String name : names.split(",", -1)) {
      states.add(
          Stream.of(BroadcastState.values())
              .filter(state -> BroadcastJson.text(state).equals(name))
              .findFirst()
              .orElseThrow(() -> QueryFields.invalid("state", "no such state: " + name)));
    }
    return states;
  }

  /// How the counters grew.
  private Response timeline(Broadcast broadcast) {
    ObjectNode answer = Json.object().put("recipients", broadcast.counters().recipients());
    ArrayNode points = answer.putArray("points");
    for (Broadcasts.Point point : replica.broadcasts().growth(broadcast.number())) {
      ObjectNode json = points.addObject();
      BroadcastJson.time(json, "time", point.time());
      BroadcastJson.progress(json, point.counters());
    }
    return Answers.json(200, answer);
  }
}
