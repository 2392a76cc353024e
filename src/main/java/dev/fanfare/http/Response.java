package dev.fanfare.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// One HTTP answer: whole, or a stream that is written while it is sent.
///
/// @param headers by name, in the order to be sent; Content-Length is added by the server
/// @param body nothing when there is a stream
public record Response(
    int status, Map<String, String> headers, byte[] body, Optional<Stream> stream) {

  /// Writes a body of unknown length. Called once, on the thread of the request; may block, and
  /// ends when it returns or when the caller is gone.
  @FunctionalInterface
  public interface Stream {
    /// Writes all of it.
    ///
    /// @throws IOException when the caller is gone
    void writeTo(OutputStream out) throws IOException;
  }

  public Response(int status, Map<String, String> headers, byte[] body) {
    this(status, headers, body, Optional.empty());
  }

  public static Response of(int status, String contentType, byte[] body) {
    return new Response(status, Map.of("Content-Type", contentType), body);
  }

  /// What the stream writes reaches the caller whenever it flushes.
  public static Response streaming(int status, String contentType, Stream stream) {
    return new Response(
        status, Map.of("Content-Type", contentType), new byte[0], Optional.of(stream));
  }

  /// The same answer with one more header.
  public Response with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Response(status, more, body, stream);
  }
}
