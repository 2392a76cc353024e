package dev.fanfare.cli;

import java.util.function.IntToLongFunction;

/// Some lines of an import, as they are sent in one request.
///
/// @param bytes lines of JSON, each ended
/// @param length of them
/// @param records how many records of the source they are
/// @param source the line of the source that a line of these, from 1, came from
record ImportPortion(byte[] bytes, int length, int records, IntToLongFunction source) {
  /// Bytes that a portion has, roughly: about a second's work, so that a progress is seen and
  /// little is sent twice after a crash.
  static final int BYTES = 8 << 20;

  /// Where a line begins.
  ///
  /// @param line from 1
  int start(long line) {
    int at = 0;
    for (long passed = 1; passed < line && at < length; at++) {
      if (bytes[at] == '\n') {
        passed++;
      }
    }
    return at;
  }
}
