package dev.fanfare.gateway;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.net.SocketFactory;

/// A socket that says whatever it is told to say.
final class RawClient implements AutoCloseable {
  static final int TEXT = 0x81;
  private static final int TIMEOUT_MILLIS = 10_000;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  RawClient(int port) {
    this(port, SocketFactory.getDefault());
  }

  /// @param sockets what makes its socket, such as one of TLS
  RawClient(int port, SocketFactory sockets) {
    try {
      socket = sockets.createSocket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      in = new DataInputStream(socket.getInputStream());
      out = socket.getOutputStream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What a server answered to a request; the head in lower case.
  record Answer(int status, String head, String body) {}

  /// The lines of a WebSocket handshake without the empty one at the end.
  static String handshake(String target) {
    return "GET "
        + target
        + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
  }

  /// Sends a request and reads its answer.
  Answer ask(String request) {
    say(request.getBytes(StandardCharsets.ISO_8859_1));
    try {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) in.readUnsignedByte());
      }
      String lower = head.toString().toLowerCase(Locale.ROOT);
      int status = Integer.parseInt(lower.substring(9, 12));
      int at = lower.indexOf("content-length: ");
      int length = at < 0 ? 0 : Integer.parseInt(lower.substring(at + 16, lower.indexOf('\r', at)));
      String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
      return new Answer(status, lower, body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void say(byte[] bytes) {
    try {
      out.write(bytes);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A masked frame of up to 65,535 bytes.
  static byte[] masked(int first, byte[] payload) {
    byte[] mask = {1, 2, 3, 4};
    ByteArrayOutputStream frame = head(first, payload.length, 0x80);
    frame.writeBytes(mask);
    for (int i = 0; i < payload.length; i++) {
      frame.write(payload[i] ^ mask[i % 4]);
    }
    return frame.toByteArray();
  }

  static byte[] masked(int first, String payload) {
    return masked(first, payload.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] unmasked(int first, String payload) {
    byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream frame = head(first, bytes.length, 0);
    frame.writeBytes(bytes);
    return frame.toByteArray();
  }

  private static ByteArrayOutputStream head(int first, int length, int maskBit) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(first);
    if (length <= 125) {
      frame.write(maskBit | length);
    } else {
      frame.write(maskBit | 126);
      frame.write(length >>> 8);
      frame.write(length & 0xFF);
    }
    return frame;
  }

  /// One frame as the server sent it.
  record ServerFrame(int first, byte[] payload) {}

  ServerFrame frame() {
    try {
      int first = in.readUnsignedByte();
      long length = in.readUnsignedByte();
      if (length == 126) {
        length = in.readUnsignedShort();
      } else if (length == 127) {
        length = in.readLong();
      }
      return new ServerFrame(first, in.readNBytes((int) length));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Reads frames until the server closes; its code.
  int closeCode() {
    ServerFrame frame = frame();
    while (frame.first() != 0x88) {
      frame = frame();
    }
    return ((frame.payload()[0] & 0xFF) << 8) | (frame.payload()[1] & 0xFF);
  }

  /// Whether the server ends the connection, in time, whatever it says before.
  boolean ends() {
    try {
      while (true) {
        in.readByte();
      }
    } catch (EOFException e) {
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
