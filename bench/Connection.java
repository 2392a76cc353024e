import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/// One keep-alive HTTP/1.1 connection, used by one thread, one call after the other.
///
/// The client shares the machine with the server that it measures, so it has to be cheap: a
/// blocking socket, one write and mostly one read per call, nothing else. No timeout either,
/// because with one Java asks the system several times per read instead of once. Answers need a
/// Content-Length, or a status without a body.
final class Connection implements AutoCloseable {
  private final Socket socket;
  private final InputStream input;
  private final String host;
  private byte[] buffer = new byte[64 << 10];

  /// @param body text; empty when there is none
  record Answer(int status, String body) {}

  Connection(String host, int port) throws IOException {
    this.socket = new Socket(host, port);
    this.socket.setTcpNoDelay(true);
    this.input = socket.getInputStream();
    this.host = host + ":" + port;
  }

  /// The value of the Host header.
  String host() {
    return host;
  }

  /// Sends a request with a JSON body and waits for the answer.
  ///
  /// @param headers further header lines, each with its line end
  Answer call(String method, String target, String headers, byte[] body) throws IOException {
    String head =
        method + " " + target + " HTTP/1.1\r\nHost: " + host
            + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length
            + "\r\n" + headers + "\r\n";
    byte[] bytes = head.getBytes(StandardCharsets.ISO_8859_1);
    byte[] request = Arrays.copyOf(bytes, bytes.length + body.length);
    System.arraycopy(body, 0, request, bytes.length, body.length);
    socket.getOutputStream().write(request);
    return answer();
  }

  private Answer answer() throws IOException {
    int length = 0;
    int end;
    while ((end = endOfHead(length)) < 0) {
      length += read(length);
    }
    String head = new String(buffer, 0, end, StandardCharsets.ISO_8859_1);
    int status = Integer.parseInt(head, 9, 12, 10);
    int all = end + bodyLength(head, status);
    while (length < all) {
      length += read(length);
    }
    if (length > all) {
      throw new IOException("the server said more than it was asked");
    }
    return new Answer(status, new String(buffer, end, all - end, StandardCharsets.UTF_8));
  }

  private int read(int length) throws IOException {
    if (length == buffer.length) {
      buffer = Arrays.copyOf(buffer, 2 * length);
    }
    int got = input.read(buffer, length, buffer.length - length);
    if (got < 0) {
      throw new EOFException("the server closed the connection");
    }
    return got;
  }

  /// Where the body begins; -1 while the header is incomplete.
  private int endOfHead(int length) {
    for (int i = 3; i < length; i++) {
      if (buffer[i] == '\n' && buffer[i - 1] == '\r' && buffer[i - 2] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  private static int bodyLength(String head, int status) throws IOException {
    String name = "\r\ncontent-length:";
    int at = head.toLowerCase(Locale.ROOT).indexOf(name);
    if (at >= 0) {
      int from = at + name.length();
      return Integer.parseInt(head.substring(from, head.indexOf('\r', from)).strip());
    }
    if (status == 204) {
      return 0;
    }
    throw new IOException("an answer without Content-Length:\n" + head);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
