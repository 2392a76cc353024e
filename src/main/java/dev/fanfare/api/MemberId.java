package dev.fanfare.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;

/// The rule for ids of members: 1 to 64 bytes of UTF-8 without control characters.
final class MemberId {
  private MemberId() {}

  /// Reads an id from a body, where it has to be a string.
  static String read(JsonNode value, String pointer) {
    if (!value.isTextual()) {
      throw Problem.invalid(pointer, "has to be a string").raise();
    }
    return check(value.textValue(), pointer);
  }

  /// Returns the id, or ends the request with a problem at the pointer.
  static String check(String id, String pointer) {
    int bytes = id.getBytes(StandardCharsets.UTF_8).length;
    if (bytes < 1
        || bytes > ApiLimits.MEMBER_ID_BYTES
        || id.codePoints().anyMatch(Character::isISOControl)) {
      throw new Problem(
              400,
              "invalid_member_id",
              "a member id has 1 to 64 bytes of UTF-8 and no control characters",
              pointer)
          .raise();
    }
    return id;
  }
}
