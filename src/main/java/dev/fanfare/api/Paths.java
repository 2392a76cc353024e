package dev.fanfare.api;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/// Takes raw paths apart.
final class Paths {
  private Paths() {}

  /// The decoded segments of a path that begins with a slash. A slash inside a segment is `%2F`; a
  /// plus sign is itself.
  static List<String> split(String path) {
    return Stream.of(path.substring(1).split("/", -1)).map(Paths::decode).toList();
  }

  /// One percent-encoded segment.
  static String decode(String segment) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < segment.length(); i++) {
      char c = segment.charAt(i);
      if (c == '%') {
        bytes.write(hexByte(segment, i + 1));
        i += 2;
      } else {
        bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw invalid();
    }
  }

  private static int hexByte(String segment, int at) {
    if (at + 2 > segment.length()) {
      throw invalid();
    }
    int high = Character.digit(segment.charAt(at), 16);
    int low = Character.digit(segment.charAt(at + 1), 16);
    if (high < 0 || low < 0) {
      throw invalid();
    }
    return high << 4 | low;
  }

  private static ProblemException invalid() {
    return Problem.of(400, "invalid_path", "the URL is not percent-encoded UTF-8").raise();
  }
}
