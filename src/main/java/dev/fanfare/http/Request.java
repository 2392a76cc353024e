package dev.fanfare.http;

import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// One HTTP request: what a face needs to answer it. Its body was read whole, unless the face reads
/// it while it arrives.
///
/// @param path the raw path, still percent-encoded
/// @param query the raw query without the question mark, empty when there is none
/// @param headers values by lower-case name, in the order received
/// @param body the bytes after any transfer coding was undone
/// @param remoteAddress IP address of the caller, the one that a trusted proxy tells; empty when
///   the request was refused before anyone looked
/// @param upload the body that is read while it arrives, by the thread of the request; `body` is
///   empty then
/// @param encrypted whether it came over TLS, to this node or to a trusted proxy
public record Request(
    String method,
    String path,
    String query,
    Map<String, List<String>> headers,
    byte[] body,
    String remoteAddress,
    Optional<InputStream> upload,
    boolean encrypted) {

  /// One that came in plain text.
  public Request(
      String method,
      String path,
      String query,
      Map<String, List<String>> headers,
      byte[] body,
      String remoteAddress) {
    this(method, path, query, headers, body, remoteAddress, Optional.empty(), false);
  }

  /// Whom limits by address count as one: the caller's address, or its network of IPv6.
  public String countedAddress() {
    return remoteAddress.isEmpty()
        ? ""
        : TrustedProxies.counted(InetAddress.ofLiteral(remoteAddress)).getHostAddress();
  }

  /// The first value of a header.
  public Optional<String> header(String name) {
    List<String> values = headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    return values.isEmpty() ? Optional.empty() : Optional.of(values.getFirst());
  }

  public String bodyText() {
    return new String(body, StandardCharsets.UTF_8);
  }
}
