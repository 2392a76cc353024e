package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.http.Response;
import dev.fanfare.member.Member;
import dev.fanfare.member.Presence;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.Role;
import java.util.Comparator;
import java.util.List;

/// The calls about live connections, those of the node that is asked.
record SessionCalls(Replica replica, Presence presence) {

  List<Operation> operations() {
    return List.of(
        Operation.inApp(
                "GET",
                "/sessions",
                this::of,
                Description.of("Lists the connections of a member to the node that is asked.")
                    .query("member", "Its id; required", "10001")
                    .answers(200, "Sessions"))
            .allows(Access.ALL),
        Operation.inApp(
                "DELETE",
                "/sessions/{session}",
                this::disconnect,
                Description.of("Ends a connection. Its device may come back at once."))
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
    ObjectNode answer = Json.object().put("member", member.id()).put("scope", "node");
    ArrayNode sessions = answer.putArray("sessions");
    presence.connections(call.app().number(), List.of(member)).stream()
        .sorted(Comparator.comparing(Presence.Connection::since))
        .forEach(connection -> sessions.add(write(connection)));
    return Answers.json(200, answer);
  }

  private static ObjectNode write(Presence.Connection connection) {
    ObjectNode json = Json.object().put("id", connection.id());
    if (!connection.device().isEmpty()) {
      json.put("device", connection.device());
    }
    if (!connection.platform().isEmpty()) {
      json.put("platform", connection.platform());
    }
    return json.put("since", connection.since().toString());
  }

  /// Ends a session. Its device may come back at once: its credentials stay good.
  private Response disconnect(Call call) {
    if (!presence.disconnect(call.app().number(), call.parameter("session"))) {
      throw Problem.of(404, "session_not_found", "this node has no such session").raise();
    }
    return Answers.empty();
  }
}
