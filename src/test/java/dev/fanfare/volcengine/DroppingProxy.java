package dev.fanfare.volcengine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A proxy in front of a server that hands every request on, and keeps the first answers to itself:
/// it reads them and closes the connection that they were meant for.
final class DroppingProxy implements AutoCloseable {
  private final ServerSocket listening;
  private final int target;
  private final AtomicInteger drops;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> answers = new CopyOnWriteArrayList<>();

  /// @param target the server's port on this machine
  /// @param drops how many answers to keep
  DroppingProxy(int target, int drops) throws IOException {
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.target = target;
    this.drops = new AtomicInteger(drops);
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /// The requests that came, whole.
  List<String> requests() {
    return requests;
  }

  /// The answers that the server gave, whole, whether or not they were passed on.
  List<String> answers() {
    return answers;
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
      String request = RawMessage.read(client.getInputStream());
      while (!request.isEmpty()) {
        requests.add(request);
        server.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        String answer = RawMessage.read(server.getInputStream());
        answers.add(answer);
        if (drops.getAndDecrement() > 0) {
          return;
        }
        client.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
        request = RawMessage.read(client.getInputStream());
      }
    } catch (IOException e) {
      answers.add("the connection failed: " + e);
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
