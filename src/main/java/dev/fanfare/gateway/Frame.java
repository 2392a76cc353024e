package dev.fanfare.gateway;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// One message to devices, encoded once for each transport and shared by everyone who gets it. Any
/// thread.
final class Frame {
  private static final byte TEXT = (byte) 0x81;
  private static final int SHORT = 125;
  private static final int MEDIUM = 0xFFFF;

  private final Head head;
  private final byte[] json;
  private final SharedBytes webSocket;
  private volatile @Nullable SharedBytes eventStream;

  /// What an event stream says of a message beside its JSON.
  ///
  /// @param position what the device stores once it has processed the message; null when it is not
  ///   to store any
  record Head(String type, @Nullable String position) {}

  /// @param json UTF-8
  Frame(Head head, byte[] json) {
    this.head = head;
    this.json = json;
    this.webSocket = webSocket(json);
  }

  /// Its bytes on a transport.
  SharedBytes as(Encoding encoding) {
    return switch (encoding) {
      case WEB_SOCKET -> webSocket;
      case EVENT_STREAM -> {
        SharedBytes known = eventStream;
        if (known == null) {
          known = event(head, json);
          eventStream = known;
        }
        yield known;
      }
    };
  }

  /// About what it weighs on the wire, whatever the transport.
  int bytes() {
    return webSocket.length();
  }

  /// What it occupies at most, on and off the heap.
  int occupies() {
    return 3 * webSocket.length();
  }

  private static SharedBytes webSocket(byte[] json) {
    int length = json.length;
    ByteBuffer bytes = ByteBuffer.allocateDirect(length + 10).put(TEXT);
    if (length <= SHORT) {
      bytes.put((byte) length);
    } else if (length <= MEDIUM) {
      bytes.put((byte) 126).putShort((short) length);
    } else {
      bytes.put((byte) 127).putLong(length);
    }
    return new SharedBytes(bytes.put(json).flip());
  }

  /// A line break would end the data; in JSON it stands only where a space may as well.
  private static SharedBytes event(Head head, byte[] json) {
    String id = head.position() == null ? "" : "id: " + head.position() + "\n";
    byte[] lines = (id + "event: " + head.type() + "\ndata: ").getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocateDirect(lines.length + json.length + 2);
    bytes.put(lines);
    for (byte next : json) {
      bytes.put(next == '\n' || next == '\r' ? (byte) ' ' : next);
    }
    return new SharedBytes(bytes.put((byte) '\n').put((byte) '\n').flip());
  }
}
