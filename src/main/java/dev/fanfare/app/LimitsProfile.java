package dev.fanfare.app;

import dev.fanfare.schema.Limits;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// The limits that a new app gets. Afterwards they are the app's own and each can be changed.
public enum LimitsProfile {
  /// Sizes, error codes and rates per second as the vendors document them.
  DOCUMENTED,
  /// Their daily budgets too.
  STRICT,
  /// Sizes and error codes alone.
  OPEN;

  public static Optional<LimitsProfile> named(String name) {
    return Stream.of(values()).filter(profile -> profile.text().equals(name)).findFirst();
  }

  /// The name as people write it.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  public Limits limits() {
    Limits.Builder limits = Limits.newBuilder();
    for (AppLimit limit : AppLimit.ALL) {
      limit.set(limits, value(limit));
    }
    return limits.build();
  }

  private long value(AppLimit limit) {
    long standard = limit.value().standard();
    return switch (limit.origin()) {
      case CHOSEN, DOCUMENTED -> standard;
      case DOCUMENTED_RATE -> this == OPEN ? 0 : standard;
      case DOCUMENTED_BUDGET -> this == STRICT ? standard : 0;
    };
  }
}
