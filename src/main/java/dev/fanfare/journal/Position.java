package dev.fanfare.journal;

import java.util.Optional;
import java.util.regex.Pattern;

/// A place in the journal: the entry with this offset and everything before it.
///
/// Shown to callers and devices as `epoch-offset`, which they treat as opaque. The epoch is a
/// counter and six random characters, new whenever history may have been lost by a restore.
public record Position(String epoch, long offset) {
  private static final Pattern FORM =
      Pattern.compile("([0-9]{1,9}[A-Za-z0-9]{6})-(0|[1-9][0-9]{0,17})");

  /// Reads what [#toString] printed; empty for anything else.
  public static Optional<Position> parse(String text) {
    var matcher = FORM.matcher(text);
    return matcher.matches()
        ? Optional.of(new Position(matcher.group(1), Long.parseLong(matcher.group(2))))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return epoch + "-" + offset;
  }
}
