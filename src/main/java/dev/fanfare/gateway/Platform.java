package dev.fanfare.gateway;

import java.util.List;

/// The names of platforms that have a spelling of their own. Devices may say any other.
final class Platform {
  private static final List<String> KNOWN = List.of("iOS", "Android", "Web", "PC", "Mac", "iPad");

  private Platform() {}

  /// A known name in its spelling, and any other as the device gave it.
  static String spelled(String name) {
    return KNOWN.stream().filter(known -> known.equalsIgnoreCase(name)).findFirst().orElse(name);
  }
}
