package dev.fanfare.api;

import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.Role;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.List;

/// Registers members line by line, as many as come.
record ImportCalls(Replica replica, Journal journal, Places places) {
  static final int OF_APP = 2;
  static final int OF_ALL = 16;

  ImportCalls(Replica replica, Journal journal) {
    this(replica, journal, new Places(OF_APP, OF_ALL));
  }

  List<Operation> operations() {
    return List.of(
        Operation.inApp(
                "POST",
                "/members:import",
                this::open,
                Description.of(
                        "Registers or replaces members, one a line, however many; tells how it"
                            + " comes along while they arrive.")
                    .query("dryRun", "`true` judges the lines and changes nothing", "true")
                    .takesLines("MemberLine", "{'id': '10001', 'tags': ['vip']}")
                    .answersLines(200, "ImportLine"))
            .allows(Access.of(Role.REGISTRAR)));
  }

  private Response open(Call call) {
    boolean dryRun = call.query().flag("dryRun");
    int app = call.app().number();
    if (!places.take(app)) {
      String most = "an app may have %d on a node, all apps %d".formatted(OF_APP, OF_ALL);
      throw Problem.of(429, "too_many_imports", most).raise();
    }
    InputStream lines =
        call.request().upload().orElseGet(() -> new ByteArrayInputStream(call.request().body()));
    return Response.streaming(
        200,
        "application/x-ndjson",
        out -> {
          try {
            new Import(call, dryRun, new Import.Node(replica, journal), out).run(lines);
          } finally {
            places.leave(app);
          }
        });
  }
}
