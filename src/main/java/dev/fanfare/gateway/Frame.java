package dev.fanfare.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// One message to devices, encoded once and shared by everyone who gets it.
///
/// The bytes lie outside the heap in memory that the collector frees with this object, so sharing
/// needs no counting. Immutable.
final class Frame {
  private static final byte TEXT = (byte) 0x81;
  private static final int SHORT = 125;
  private static final int MEDIUM = 0xFFFF;

  private final ByteBuf webSocket;

  private Frame(ByteBuf webSocket) {
    this.webSocket = webSocket;
  }

  /// A text frame (RFC 6455, section 5.2) around JSON.
  static Frame of(byte[] json) {
    int length = json.length;
    ByteBuffer bytes = ByteBuffer.allocateDirect(length + 10).put(TEXT);
    if (length <= SHORT) {
      bytes.put((byte) length);
    } else if (length <= MEDIUM) {
      bytes.put((byte) 126).putShort((short) length);
    } else {
      bytes.put((byte) 127).putLong(length);
    }
    bytes.put(json).flip();
    return new Frame(Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(bytes)));
  }

  static Frame of(String json) {
    return of(json.getBytes(StandardCharsets.UTF_8));
  }

  /// A view for one write.
  ByteBuf webSocket() {
    return webSocket.duplicate();
  }

  int bytes() {
    return webSocket.readableBytes();
  }
}
