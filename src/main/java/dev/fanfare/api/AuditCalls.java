package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.app.App;
import dev.fanfare.audit.AuditEntry;
import dev.fanfare.audit.AuditTrail;
import dev.fanfare.http.Response;
import dev.fanfare.replica.Replica;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Who did what, newest first.
record AuditCalls(Replica replica) {

  List<Operation> operations() {
    return List.of(
        Operation.inCell(
                "GET",
                "/v1/audit",
                this::list,
                Description.of(
                        "Lists who did what, newest first: of the key's app, for the admin of all"
                            + " apps and of the cell.")
                    .query("app", "Only what concerns this app", "demo")
                    .paged()
                    .answers(200, "Audit"))
            .allows(Access.OWNER));
  }

  private Response list(CellCall call) {
    QueryFields query = call.query();
    int limit = query.limit();
    long before = query.cursor().map(AuditCalls::offset).orElse(Long.MAX_VALUE);
    List<AuditEntry> entries = replica.audit().list(apps(call, query), before, limit + 1);
    ObjectNode answer = Json.object();
    ArrayNode list = answer.putArray("entries");
    for (AuditEntry entry : entries.subList(0, Math.min(limit, entries.size()))) {
      list.add(write(entry));
    }
    if (entries.size() > limit) {
      answer.put("cursor", Long.toString(entries.get(limit - 1).offset()));
    }
    return Answers.json(200, answer);
  }

  /// Numbers of the apps whose entries the caller asks for and may see.
  private List<Integer> apps(CellCall call, QueryFields query) {
    List<App> visible = replica.tenants().all().stream().filter(call.caller()::mayEnter).toList();
    if (query.text("app").isPresent()) {
      return visible.stream()
          .filter(app -> app.id().equals(query.text("app").get()))
          .findFirst()
          .map(app -> List.of(app.number()))
          .orElseThrow(() -> Problem.appNotFound().raise());
    }
    List<Integer> numbers = new ArrayList<>(visible.stream().map(App::number).toList());
    if (Access.ADMIN.allows(call.caller())) {
      numbers.add(AuditTrail.CELL);
    }
    return numbers;
  }

  private static long offset(String cursor) {
    if (!cursor.matches("[1-9][0-9]{0,17}")) {
      throw QueryFields.invalidCursor();
    }
    return Long.parseLong(cursor);
  }

  private ObjectNode write(AuditEntry entry) {
    ObjectNode json =
        Json.object()
            .put("time", Instant.ofEpochMilli(entry.time()).toString())
            .put("position", replica.position(entry.offset()).toString());
    replica.tenants().byNumber(entry.app()).ifPresent(app -> json.put("app", app.id()));
    json.put("actor", entry.actor()).put("action", entry.action());
    if (!entry.target().isEmpty()) {
      json.put("target", entry.target());
    }
    if (entry.members() > 0) {
      json.put("members", entry.members())
          .put("lastTime", Instant.ofEpochMilli(entry.lastTime()).toString());
    }
    return json;
  }
}
