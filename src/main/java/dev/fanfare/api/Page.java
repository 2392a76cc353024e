package dev.fanfare.api;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Optional;

/// Which part of a list a request asks for.
///
/// A cursor is opaque to callers: the kind of list and a number in it, so it says the same after a
/// restart and on every node.
///
/// @param limit entries at most
/// @param from the number in the cursor; empty to begin
record Page(int limit, Optional<Long> from) {
  /// The kinds of list, so that a cursor of one is refused by another.
  enum Kind {
    BROADCASTS(0),
    RECIPIENTS(1),
    RECEIVED(2);

    private final byte code;

    Kind(int code) {
      this.code = (byte) code;
    }
  }

  static Page of(QueryFields query, Kind kind) {
    return new Page(query.limit(), query.text("cursor").map(cursor -> number(cursor, kind)));
  }

  static String cursor(Kind kind, long number) {
    byte[] bytes = ByteBuffer.allocate(9).put(kind.code).putLong(number).array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static long number(String cursor, Kind kind) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(cursor));
      if (bytes.remaining() == 9 && bytes.get() == kind.code && bytes.getLong(1) >= 0) {
        return bytes.getLong(1);
      }
    } catch (IllegalArgumentException e) {
      throw QueryFields.invalidCursor();
    }
    throw QueryFields.invalidCursor();
  }
}
