package dev.fanfare.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// The body of a request, read from the connection while it arrives, however large it is. Owned by
/// the thread of the request.
///
/// Helidon reads a chunk whole and bounds a body as a whole. This reads what has arrived, so that a
/// body without end takes no more memory than one read of the socket. It asks for the body (`100
/// Continue`) with the first read, so that a caller who is refused sends none of it.
final class Upload extends InputStream {
  private static final int CHUNK_HEAD_BYTES = 1_000;
  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final DataReader reader;
  private final DataWriter writer;
  private final boolean chunked;
  private boolean asked;

  /// Bytes of the body, or of the chunk, that were not read yet.
  private long left;

  private boolean over;

  private Upload(ConnectionContext connection, Framing framing) {
    this.reader = connection.dataReader();
    this.writer = connection.dataWriter();
    this.chunked = framing.chunked();
    this.asked = !framing.expectsContinue();
    this.left = framing.length();
    this.over = !chunked && left == 0;
  }

  /// How the body is told from what follows it.
  private record Framing(boolean chunked, long length, boolean expectsContinue) {}

  /// Takes the body out of a request's headers, so that for Helidon it has none.
  ///
  /// @throws IllegalArgumentException when the headers do not say where it ends
  static Upload take(ConnectionContext connection, WritableHeaders<?> headers) {
    boolean chunked = headers.contains(HeaderNames.TRANSFER_ENCODING);
    boolean sized = headers.contains(HeaderNames.CONTENT_LENGTH);
    boolean good = !chunked || (!sized && headers.contains(HeaderValues.TRANSFER_ENCODING_CHUNKED));
    long length = sized ? headers.get(HeaderNames.CONTENT_LENGTH).get(long.class) : 0;
    if (!good || length < 0) {
      throw new IllegalArgumentException("the length of the body is not clear");
    }
    boolean expectsContinue = headers.contains(HeaderValues.EXPECT_100);
    headers.remove(HeaderNames.TRANSFER_ENCODING);
    headers.remove(HeaderNames.CONTENT_LENGTH);
    return new Upload(connection, new Framing(chunked, length, expectsContinue));
  }

  /// Whether the body was read to its end, or the caller was never asked for it.
  boolean isDone() {
    return over || !asked;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    Objects.checkFromIndexSize(from, length, bytes.length);
    if (length == 0) {
      return 0;
    }
    try {
      ask();
      if (!over && left == 0) {
        nextChunk();
      }
      if (over) {
        return -1;
      }
      reader.ensureAvailable();
      int most = (int) Math.min(Math.min(length, reader.available()), left);
      int read = reader.readBuffer(most).read(bytes, from, most);
      took(read);
      return read;
    } catch (DataReader.InsufficientDataAvailableException e) {
      throw left(e);
    } catch (RuntimeException e) {
      throw new IOException("cannot read the body", e);
    }
  }

  private static EOFException left(Exception cause) {
    EOFException left = new EOFException("the caller left in the middle of a body");
    left.initCause(cause);
    return left;
  }

  private void ask() {
    if (!asked) {
      asked = true;
      writer.writeNow(BufferData.create(CONTINUE));
    }
  }

  private void took(int bytes) throws IOException {
    left -= bytes;
    if (left == 0) {
      if (chunked) {
        requireLine("");
      } else {
        over = true;
      }
    }
  }

  private void nextChunk() throws IOException {
    String head = line();
    int extension = head.indexOf(';');
    String size = (extension < 0 ? head : head.substring(0, extension)).strip();
    if (!size.matches("[0-9A-Fa-f]{1,15}")) {
      throw new IOException("not the size of a chunk");
    }
    left = Long.parseLong(size, 16);
    if (left == 0) {
      requireLine("");
      over = true;
    }
  }

  private void requireLine(String expected) throws IOException {
    if (!line().equals(expected)) {
      throw new IOException("a chunk does not end where it said");
    }
  }

  private String line() throws IOException {
    int length = reader.findNewLine(CHUNK_HEAD_BYTES);
    if (length == CHUNK_HEAD_BYTES) {
      throw new IOException("the head of a chunk is too long");
    }
    String line = reader.readAsciiString(length);
    reader.skip(2);
    return line;
  }
}
