package dev.fanfare.member;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Names connections of one member to one node, in the whole cell: one of them by its number, or
/// all that come from one platform by the platform's name. As text, `NODE.ORDINAL.WHICH`.
///
/// @param node names one run of a node
/// @param ordinal of the member
/// @param which digits, or what [Platform#shared] says, `other` for nothing
public record ConnectionId(String node, int ordinal, String which) {
  private static final Pattern TEXT =
      Pattern.compile("([A-Za-z0-9]{1,16})\\.([0-9]{1,10})\\.([A-Za-z0-9]{1,20})");

  /// One connection.
  ///
  /// @param number names it among all that its node ever had
  public static ConnectionId one(String node, int ordinal, long number) {
    return new ConnectionId(node, ordinal, Long.toString(number));
  }

  /// All of a member's connections to a node from one platform.
  ///
  /// @param platform as [Platform#shared] says
  public static ConnectionId all(String node, int ordinal, String platform) {
    return new ConnectionId(node, ordinal, platform.isEmpty() ? "other" : platform);
  }

  /// Empty when the text names no connection.
  public static Optional<ConnectionId> parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    long ordinal = Long.parseLong(parts.group(2));
    return ordinal >>> Integer.SIZE == 0
        ? Optional.of(new ConnectionId(parts.group(1), (int) ordinal, parts.group(3)))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return node + "." + Integer.toUnsignedString(ordinal) + "." + which;
  }
}
