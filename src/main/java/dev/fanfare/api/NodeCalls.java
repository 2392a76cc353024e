package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.UnixOperatingSystemMXBean;
import dev.fanfare.http.Response;
import dev.fanfare.journal.Journal;
import dev.fanfare.replica.Replica;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The nodes of the cell: on an embedded journal the one that was asked.
record NodeCalls(Replica replica, Journal journal, Clock clock, Instant started) {

  List<Operation> operations() {
    return List.of(
        Operation.inCell(
                "GET",
                "/v1/nodes",
                _ -> list(),
                Description.of("Lists the nodes of the cell.").answers(200, "Nodes"))
            .allows(Access.OWNER));
  }

  private Response list() {
    ObjectNode answer = Json.object();
    answer
        .putArray("nodes")
        .addObject()
        .put("version", version())
        .put("java", Runtime.version().toString())
        .put("position", replica.position().toString())
        .put("startedAt", started.toString())
        .put("uptimeSeconds", Duration.between(started, clock.instant()).toSeconds())
        .put("time", Instant.ofEpochMilli(journal.time()).toString())
        .put("clock", clock.instant().toString())
        .put("maxFiles", maxFiles())
        .put("self", true);
    return Answers.json(200, answer);
  }

  /// How many files the process may open; 0 where that is not known.
  private static long maxFiles() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : 0;
  }

  /// The version in the jar's manifest.
  static String version() {
    return Optional.ofNullable(NodeCalls.class.getPackage().getImplementationVersion())
        .orElse("not packaged");
  }
}
