package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/// Says what is wrong with the nodes of a cell, by what they say of themselves.
///
/// @param nodes as `/v1/nodes` lists them
/// @param finding takes a line for each
record CellExamination(JsonNode nodes, Consumer<String> finding) {
  private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(60);
  private static final long LEAST_FILES = 10_000;

  /// More than nodes apply between two signs of life.
  private static final long MOST_BEHIND = 100_000;

  void run() {
    long furthest = nodes.valueStream().mapToLong(CellExamination::offset).max().orElse(0);
    for (JsonNode node : nodes) {
      if (node.path("online").asBoolean()) {
        examine(node, furthest);
      } else {
        finding.accept(
            "%s was last heard at %s: start it again unless it is gone for good"
                .formatted(name(node), node.path("heardAt").asText()));
      }
    }
  }

  private void examine(JsonNode node, long furthest) {
    String name = name(node);
    // The server says the same of itself when it is asked whether it is ready.
    if (!node.path("self").asBoolean()) {
      node.path("troubles")
          .forEach(
              trouble -> finding.accept("%s is not ready: %s".formatted(name, trouble.asText())));
    }
    String version = nodes.path(0).path("version").asText();
    if (!node.path("version").asText().equals(version)) {
      finding.accept(
          "%s runs version %s and the server %s: run one version"
              .formatted(name, node.path("version").asText(), version));
    }
    if (furthest - offset(node) > MOST_BEHIND) {
      finding.accept(
          "%s is %,d entries behind: it applies them more slowly than they come"
              .formatted(name, furthest - offset(node)));
    }
    examineMachine(node, name);
  }

  private void examineMachine(JsonNode node, String name) {
    Instant journal = Instant.parse(node.path("time").asText());
    Instant clock = Instant.parse(node.path("clock").asText());
    if (journal.isAfter(clock.plus(CLOCK_TOLERANCE))) {
      finding.accept(
          "journal time is %s and the clock of %s says %s: set the clock right"
              .formatted(journal, name, clock));
    }
    long files = node.path("maxFiles").asLong();
    if (files > 0 && files < LEAST_FILES) {
      finding.accept(
          "%s may open %d files, and each device needs one: raise the limit (ulimit -n)"
              .formatted(name, files));
    }
  }

  private static String name(JsonNode node) {
    return node.path("self").asBoolean()
        ? "the server"
        : "the node at %s (%s)".formatted(node.path("host").asText(), node.path("api").asText());
  }

  private static long offset(JsonNode node) {
    String position = node.path("position").asText();
    return Long.parseLong(position.substring(position.lastIndexOf('-') + 1));
  }
}
