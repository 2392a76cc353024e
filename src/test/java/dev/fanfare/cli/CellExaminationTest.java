package dev.fanfare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is said of the nodes of a cell.
final class CellExaminationTest {
  private final ArrayNode nodes = new ObjectMapper().createArrayNode();
  private final ObjectNode self = node(true);
  private final ObjectNode other = node(false);

  private ObjectNode node(boolean self) {
    return nodes
        .addObject()
        .put("host", "web-2")
        .put("api", "0.0.0.0:8080")
        .put("version", "1.2.3")
        .put("position", "1x7Kq9a-500000")
        .put("time", "2026-01-02T03:04:05Z")
        .put("clock", "2026-01-02T03:04:05Z")
        .put("maxFiles", 20_000)
        .put("self", self)
        .put("online", true);
  }

  private List<String> findings() {
    List<String> findings = new ArrayList<>();
    new CellExamination(nodes, findings::add).run();
    return findings;
  }

  @Test
  void nodes_that_are_well_are_not_spoken_of() {
    other.put("position", "1x7Kq9a-400000").put("time", "2026-01-02T03:05:05Z").put("maxFiles", 0);
    assertThat(findings()).isEmpty();
  }

  @Test
  void a_node_that_is_silent_is_named_and_nothing_else_is_said_of_it() {
    other.put("online", false).put("heardAt", "2026-01-02T03:00:00Z").put("version", "1.2.2");
    assertThat(findings())
        .containsExactly(
            "the node at web-2 (0.0.0.0:8080) was last heard at 2026-01-02T03:00:00Z: start it"
                + " again unless it is gone for good");
  }

  @Test
  void what_ails_another_node_is_told_with_its_name() {
    other
        .put("version", "1.2.2")
        .put("position", "1x7Kq9a-399999")
        .put("maxFiles", 1_024)
        .put("clock", "2026-01-02T03:03:04Z")
        .putArray("troubles")
        .add("the disk is nearly full");
    String name = "the node at web-2 (0.0.0.0:8080)";
    assertThat(findings())
        .containsExactly(
            name + " is not ready: the disk is nearly full",
            name + " runs version 1.2.2 and the server 1.2.3: run one version",
            name + " is 100,001 entries behind: it applies them more slowly than they come",
            "journal time is 2026-01-02T03:04:05Z and the clock of "
                + name
                + " says 2026-01-02T03:03:04Z: set the clock right",
            name + " may open 1024 files, and each device needs one: raise the limit (ulimit -n)");
  }

  @Test
  void the_server_may_be_the_one_that_is_behind() {
    self.put("position", "1x7Kq9a-1").putArray("troubles").add("told by /readyz");
    JsonNode first = nodes.path(0);
    assertThat(first).isSameAs(self);
    assertThat(findings())
        .containsExactly(
            "the server is 499,999 entries behind: it applies them more slowly than they come");
  }
}
