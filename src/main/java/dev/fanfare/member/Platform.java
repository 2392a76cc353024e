package dev.fanfare.member;

import java.util.List;

/// The names of platforms that have a spelling of their own. Devices may say any other.
public final class Platform {
  private static final List<String> KNOWN =
      List.of("iOS", "Android", "Web", "PC", "Mac", "iPad", "iPhone", "macOS", "Windows", "Linux");

  private Platform() {}

  /// A known name in its spelling, and any other as the device gave it.
  public static String spelled(String name) {
    return KNOWN.stream().filter(known -> known.equalsIgnoreCase(name)).findFirst().orElse(name);
  }

  /// What other nodes hear of a spelled platform: its name when it is known, else nothing, so that
  /// devices cannot make up platforms without end.
  public static String shared(String spelled) {
    return KNOWN.contains(spelled) ? spelled : "";
  }
}
