import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.roaringbitmap.BatchIterator;

/// A Redis set per word, asked over its protocol with pipelining. Since
/// `x and not d` has as many as `x` less those of `x and d`, one set is stored and two are counted.
final class RedisSets implements Contender {
  private static final int PER_COMMAND = 1_000;

  private final Socket socket;
  private final InputStream input;
  private final OutputStream output;

  RedisSets(int port) throws IOException {
    this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    this.input = new BufferedInputStream(socket.getInputStream());
    this.output = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
  }

  @Override
  public void load(Dataset data) throws IOException {
    for (Word word : data.words().toList()) {
      int commands = 0;
      int[] members = new int[PER_COMMAND];
      BatchIterator iterator = data.with(word).getBatchIterator();
      while (iterator.hasNext()) {
        List<String> command = new ArrayList<>(List.of("SADD", word.toString()));
        int count = iterator.nextBatch(members);
        for (int i = 0; i < count; i++) {
          command.add(Integer.toString(members[i]));
        }
        send(command);
        commands++;
      }
      output.flush();
      for (; commands > 0; commands--) {
        integer();
      }
    }
  }

  @Override
  public long count(Question question) throws IOException {
    String c = question.c().toString();
    send(List.of("SUNIONSTORE", "either", question.a().toString(), question.b().toString()));
    send(List.of("SINTERCARD", "2", "either", c));
    send(List.of("SINTERCARD", "3", "either", c, question.d().toString()));
    output.flush();
    integer();
    long both = integer();
    return both - integer();
  }

  /// An array of bulk strings: RESP, "sending commands".
  private void send(List<String> command) throws IOException {
    StringBuilder text = new StringBuilder("*" + command.size() + "\r\n");
    for (String part : command) {
      text.append('$').append(part.length()).append("\r\n").append(part).append("\r\n");
    }
    output.write(text.toString().getBytes(StandardCharsets.US_ASCII));
  }

  private long integer() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next; (next = input.read()) != '\n'; ) {
      if (next < 0) {
        throw new EOFException("Redis closed the connection");
      }
      line.append((char) next);
    }
    if (line.charAt(0) != ':') {
      throw new IOException("Redis answered " + line);
    }
    return Long.parseLong(line.substring(1, line.length() - 1));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
