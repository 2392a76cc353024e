package dev.fanfare.http;

import java.util.LinkedHashMap;
import java.util.Map;

/// One HTTP answer, whole.
///
/// @param headers by name, in the order to be sent; Content-Length is added by the server
public record Response(int status, Map<String, String> headers, byte[] body) {

  public static Response of(int status, String contentType, byte[] body) {
    return new Response(status, Map.of("Content-Type", contentType), body);
  }

  /// The same answer with one more header.
  public Response with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Response(status, more, body);
  }
}
