package dev.fanfare.clients;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A bad network in front of a gateway: it keeps its port while the server moves, cuts connections
/// after a random number of frames, in the middle of one, and repeats frames. Any thread.
final class RoughProxy implements AutoCloseable {
  private static final int TEXT = 0x81;

  private final ServerSocket listening;
  private final Random random;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger cuts = new AtomicInteger();
  private final AtomicInteger repeats = new AtomicInteger();
  private volatile int target;
  private volatile boolean rough;

  RoughProxy(long seed) throws IOException {
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.random = new Random(seed);
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /// Where new connections go.
  void moveTo(int port) {
    target = port;
  }

  /// Whether connections are cut and frames repeated from now on.
  void beRough(boolean now) {
    rough = now;
  }

  /// How many connections it cut.
  int cuts() {
    return cuts.get();
  }

  /// How many frames it repeated.
  int repeats() {
    return repeats.get();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        if (!listening.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
      open.add(client);
      Thread up = Thread.ofVirtual().start(() -> copy(client, server));
      downwards(server, client);
      up.join();
    } catch (IOException | InterruptedException _) {
      // The connection is over, as one that broke.
    } finally {
      open.remove(client);
    }
  }

  /// What the device sends, as it is.
  private static void copy(Socket from, Socket to) {
    try (to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException _) {
      // So is the other direction.
    }
  }

  private void downwards(Socket server, Socket client) throws IOException {
    try (client) {
      DataInputStream in = new DataInputStream(new BufferedInputStream(server.getInputStream()));
      OutputStream out = new BufferedOutputStream(client.getOutputStream());
      if (passHead(in, out)) {
        passFrames(in, out);
      } else {
        passBytes(in, out);
      }
    }
  }

  private void passBytes(InputStream in, OutputStream out) throws IOException {
    int left = next(40);
    byte[] part = new byte[8_192];
    for (int n = in.read(part); n >= 0; n = in.read(part)) {
      boolean cut = rough && left-- == 0;
      out.write(part, 0, cut ? n / 2 : n);
      out.flush();
      if (cut) {
        cuts.incrementAndGet();
        return;
      }
    }
  }

  /// The answer to the request.
  ///
  /// @return whether it is followed by WebSocket frames
  private static boolean passHead(InputStream in, OutputStream out) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        out.flush();
        return false;
      }
      head.append((char) next);
      out.write(next);
    }
    out.flush();
    return head.indexOf(" 101 ") > 0;
  }

  private void passFrames(DataInputStream in, OutputStream out) throws IOException {
    int left = next(40);
    for (byte[] frame = frame(in); frame.length > 0; frame = frame(in)) {
      if (rough && left-- == 0) {
        cuts.incrementAndGet();
        out.write(frame, 0, frame.length / 2);
        out.flush();
        return;
      }
      out.write(frame);
      if (rough && (frame[0] & 0xff) == TEXT && next(4) == 0) {
        repeats.incrementAndGet();
        out.write(frame);
      }
      if (in.available() == 0) {
        out.flush();
      }
    }
    out.flush();
  }

  private int next(int bound) {
    synchronized (random) {
      return random.nextInt(bound);
    }
  }

  /// The next frame of a server, header and all; empty at the end.
  private static byte[] frame(DataInputStream in) throws IOException {
    int first = in.read();
    if (first < 0) {
      return new byte[0];
    }
    int length = in.readUnsignedByte();
    int head = 2;
    if (length == 126) {
      length = in.readUnsignedShort();
      head = 4;
    } else if (length == 127) {
      length = Math.toIntExact(in.readLong());
      head = 10;
    }
    byte[] frame = new byte[head + length];
    frame[0] = (byte) first;
    putLength(frame, head, length);
    in.readFully(frame, head, length);
    return frame;
  }

  private static void putLength(byte[] frame, int head, int length) {
    if (head == 2) {
      frame[1] = (byte) length;
      return;
    }
    frame[1] = (byte) (head == 4 ? 126 : 127);
    for (int i = head - 1, rest = length; i > 1; i--, rest >>>= 8) {
      frame[i] = (byte) rest;
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
