package dev.fanfare.broadcast;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// Which recipients of a broadcast are listed.
public enum RecipientStatus {
  /// All of them.
  ALL,
  /// Those without a reached bit, whether their slice was released or not.
  UNREACHED,
  REACHED,
  DELIVERED,
  READ;

  public static Optional<RecipientStatus> named(String name) {
    return Stream.of(values()).filter(status -> status.text().equals(name)).findFirst();
  }

  /// The name as people write it.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
