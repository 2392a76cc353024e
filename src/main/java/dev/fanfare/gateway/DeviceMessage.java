package dev.fanfare.gateway;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.fanfare.journal.Position;
import java.io.IOException;
import java.util.Optional;

/// What a device can say, as `docs/device-protocol.md` has it.
sealed interface DeviceMessage {
  ObjectReader JSON =
      new ObjectMapper().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /// The device has everything up to a position.
  record Ack(Position position) implements DeviceMessage {}

  /// The person opened a broadcast.
  record Read(String id) implements DeviceMessage {}

  /// Empty for anything else. Unknown keys are ignored.
  static Optional<DeviceMessage> parse(byte[] json) {
    try {
      JsonNode message = JSON.readTree(json);
      String id = message.path("id").textValue();
      return switch (message.path("type").asText()) {
        case "ack" -> Position.parse(message.path("position").asText()).map(Ack::new);
        case "read" -> Optional.ofNullable(id).map(Read::new);
        default -> Optional.empty();
      };
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
