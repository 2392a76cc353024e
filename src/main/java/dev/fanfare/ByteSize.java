package dev.fanfare;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A number of bytes as people write it: `64MiB`, `1GB`, `4096`.
record ByteSize(long bytes) {
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,12}) ?([A-Za-z]*)");
  private static final Map<String, Long> UNITS = units();

  /// Units, largest first.
  private static Map<String, Long> units() {
    Map<String, Long> units = new LinkedHashMap<>();
    units.put("GiB", 1L << 30);
    units.put("GB", 1_000_000_000L);
    units.put("MiB", 1L << 20);
    units.put("MB", 1_000_000L);
    units.put("KiB", 1L << 10);
    units.put("KB", 1_000L);
    units.put("B", 1L);
    return units;
  }

  /// Reads a size; empty when the text is none.
  static Optional<ByteSize> parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Long unit = matcher.group(2).isEmpty() ? Long.valueOf(1) : UNITS.get(matcher.group(2));
    long number = Long.parseLong(matcher.group(1));
    return unit == null || number > Long.MAX_VALUE / unit
        ? Optional.empty()
        : Optional.of(new ByteSize(number * unit));
  }

  /// The size in the largest unit that it is a whole number of.
  @Override
  public String toString() {
    return UNITS.entrySet().stream()
        .filter(unit -> bytes % unit.getValue() == 0 && bytes >= unit.getValue())
        .map(unit -> bytes / unit.getValue() + unit.getKey())
        .findFirst()
        .orElse(bytes + "B");
  }
}
