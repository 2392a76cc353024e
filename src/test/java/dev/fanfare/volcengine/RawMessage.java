package dev.fanfare.volcengine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// HTTP messages with a Content-Length, read from a socket as they are.
final class RawMessage {
  private static final String LENGTH = "content-length: ";

  private RawMessage() {}

  /// The next message, head and body; empty at the end of the stream.
  static String read(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.append((char) next);
    }
    String lower = head.toString().toLowerCase(Locale.ROOT);
    int at = lower.indexOf(LENGTH) + LENGTH.length();
    int length = Integer.parseInt(lower.substring(at, lower.indexOf("\r\n", at)));
    return head + new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }
}
