package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.member.ConnectionId;
import dev.fanfare.member.Member;
import dev.fanfare.member.Presence;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.EndConnection;
import dev.fanfare.schema.Role;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/// The calls about live connections.
record SessionCalls(Replica replica, Journal journal, Presence presence) {

  List<Operation> operations() {
    return List.of(
        Operation.inApp(
                "GET",
                "/sessions",
                this::of,
                Description.of("Lists the connections of a member to any node.")
                    .query("member", "Its id; required", "10001")
                    .answers(200, "Sessions"))
            .allows(Access.ALL),
        Operation.inApp(
                "DELETE",
                "/sessions/{session}",
                this::disconnect,
                Description.of(
                    "Ends a connection, whichever node has it. Its device may come back at once."))
            .allows(Access.of(Role.REGISTRAR)));
  }

  /// The sessions of a member, oldest first.
  private Response of(Call call) {
    String id =
        call.query()
            .text("member")
            .orElseThrow(
                () -> Problem.of(400, "missing_parameter", "the query names no member").raise());
    Member member =
        replica.member(call.app(), id).orElseThrow(() -> Problem.memberNotFound().raise());
    ObjectNode answer = Json.object().put("member", member.id()).put("scope", scope());
    presence.asOf().ifPresent(time -> answer.put("asOf", time.toString()));
    ArrayNode sessions = answer.putArray("sessions");
    presence.connections(call.app().number(), List.of(member)).stream()
        .sorted(Comparator.comparing(SessionCalls::since).thenComparing(Presence.Connection::id))
        .forEach(connection -> sessions.add(write(connection)));
    return Answers.json(200, answer);
  }

  /// Other nodes tell no time, so theirs come last.
  private static Instant since(Presence.Connection connection) {
    return Objects.requireNonNullElse(connection.since(), Instant.MAX);
  }

  private String scope() {
    return presence.asOf().isPresent() ? "cell" : "node";
  }

  private static ObjectNode write(Presence.Connection connection) {
    ObjectNode json = Json.object().put("id", connection.id());
    if (!connection.device().isEmpty()) {
      json.put("device", connection.device());
    }
    if (!connection.platform().isEmpty()) {
      json.put("platform", connection.platform());
    }
    if (connection.since() != null) {
      json.put("since", connection.since().toString());
    }
    return json;
  }

  /// Ends a session. Its device may come back at once: its credentials stay good.
  private Response disconnect(Call call) {
    ConnectionId connection =
        ConnectionId.parse(call.parameter("session"))
            .filter(id -> presence.mayHave(call.app().number(), id))
            .orElseThrow(() -> Problem.of(404, "session_not_found", "no such session").raise());
    EndConnection end = EndConnection.newBuilder().setId(connection.toString()).build();
    Outcomes.require(journal.propose(call.command().setEndConnection(end).build()));
    return Answers.empty();
  }
}
