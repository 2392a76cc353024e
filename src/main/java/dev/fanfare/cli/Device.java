package dev.fanfare.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/// What a device remembers between connections: its position, and the ids that it has seen. One
/// thread owns it.
final class Device {
  private static final int IDS = 1_000;
  private static final Set<String> MOVING = Set.of("broadcast", "recall", "caught-up");

  private final Set<String> seen = new LinkedHashSet<>();
  private Optional<String> position;

  Device(Optional<String> position) {
    this.position = position;
  }

  /// The last position processed.
  Optional<String> position() {
    return position;
  }

  /// Takes in a frame.
  ///
  /// @return the frame for people; empty for a repetition or a type from the future
  Optional<String> take(JsonNode frame) {
    Optional<String> line = describe(frame);
    if (moves(frame)) {
      position = Optional.of(frame.path("position").asText());
    }
    return line;
  }

  /// Whether a frame has a position that the device keeps and acknowledges.
  static boolean moves(JsonNode frame) {
    return MOVING.contains(frame.path("type").asText()) && frame.path("position").isTextual();
  }

  static JsonNode parse(String text) {
    try {
      return Client.JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw CliException.failed("the gateway sent a frame that is not JSON");
    }
  }

  private Optional<String> describe(JsonNode frame) {
    String id = frame.path("id").asText();
    return switch (frame.path("type").asText()) {
      case "hello" ->
          Optional.of(
              "connected to %s as %s, from position %s"
                  .formatted(
                      frame.path("app").asText(),
                      frame.path("member").asText(),
                      frame.path("position").asText()));
      case "broadcast" -> isNew(id) ? Optional.of(broadcast(frame)) : Optional.empty();
      case "recall" -> Optional.of("recalled " + id);
      case "gap" ->
          Optional.of("gap: the server lost what came after " + frame.path("from").asText());
      case "caught-up" -> Optional.of("caught up at " + frame.path("position").asText());
      default -> Optional.empty();
    };
  }

  private boolean isNew(String id) {
    boolean added = seen.add(id);
    if (seen.size() > IDS) {
      seen.remove(seen.iterator().next());
    }
    return added;
  }

  private static String broadcast(JsonNode frame) {
    JsonNode message = frame.path("message");
    JsonNode text = message.path("body").path("text");
    String shown = text.isTextual() ? text.textValue() : message.toString();
    String sent = Instant.ofEpochMilli(frame.path("sentAt").asLong()).toString();
    String from = frame.path("from").asText();
    return "%s %s from %s: %s".formatted(sent, frame.path("id").asText(), from, shown);
  }
}
