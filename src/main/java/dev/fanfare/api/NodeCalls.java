package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.cell.Cell;
import dev.fanfare.http.Response;
import dev.fanfare.schema.NodeReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// The nodes of the cell: the one that was asked as it is, the others as they last told.
record NodeCalls(Cell cell) {

  List<Operation> operations() {
    return List.of(
        Operation.inCell(
                "GET",
                "/v1/nodes",
                _ -> list(),
                Description.of("Lists the nodes of the cell, the one that answers first.")
                    .answers(200, "Nodes"))
            .allows(Access.OWNER));
  }

  private Response list() {
    ObjectNode answer = Json.object();
    ArrayNode nodes = answer.putArray("nodes");
    nodes.add(write(cell.self().get()).put("self", true).put("online", true));
    for (Cell.Peer peer : cell.others().get()) {
      nodes.add(
          write(peer.report())
              .put("self", false)
              .put("online", peer.online())
              .put("heardAt", peer.heardAt().toString()));
    }
    return Answers.json(200, answer);
  }

  private static ObjectNode write(NodeReport report) {
    Instant started = Instant.ofEpochMilli(report.getStartedMillis());
    Instant clock = Instant.ofEpochMilli(report.getClockMillis());
    ObjectNode node =
        Json.object()
            .put("id", report.getId())
            .put("host", report.getHost())
            .put("api", report.getApi())
            .put("version", report.getVersion())
            .put("java", report.getJava())
            .put("position", report.getPosition())
            .put("startedAt", started.toString())
            .put("uptimeSeconds", Duration.between(started, clock).toSeconds())
            .put("time", Instant.ofEpochMilli(report.getTimeMillis()).toString())
            .put("clock", clock.toString())
            .put("maxFiles", report.getMaxFiles())
            .put("duties", report.getDuties());
    report.getTroublesList().forEach(node.putArray("troubles")::add);
    return node;
  }
}
