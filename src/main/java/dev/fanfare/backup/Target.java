package dev.fanfare.backup;

import dev.fanfare.journal.Position;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/// Up to where a history is restored.
public sealed interface Target {

  /// Everything that there is.
  record End() implements Target {}

  /// Entries up to this journal time.
  record Time(Instant time) implements Target {}

  /// Everything up to this position.
  record At(Position position) implements Target {}

  /// Reads a position, or a time as RFC 3339 has it or in milliseconds since the epoch; empty for
  /// anything else.
  static Optional<Target> parse(String text) {
    Optional<Target> position = Position.parse(text).map(At::new);
    if (position.isPresent()) {
      return position;
    }
    try {
      return Optional.of(
          new Time(
              text.matches("[0-9]{1,15}")
                  ? Instant.ofEpochMilli(Long.parseLong(text))
                  : OffsetDateTime.parse(text).toInstant()));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
