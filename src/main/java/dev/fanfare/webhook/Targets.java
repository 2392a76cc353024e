package dev.fanfare.webhook;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Optional;

/// Which addresses a webhook may be posted to. Unless private ones are allowed, none that only this
/// machine or its own network reaches: a tenant must not make the server speak to its neighbours.
///
/// Judged when a webhook is made and again before every request, because a name can come to mean
/// another address. The request that follows looks the name up in the same cache of the process.
///
/// @param privateAllowed whether loopback, link-local and private addresses are too
public record Targets(boolean privateAllowed) {
  private static final int MOST_CHARACTERS = 2_000;
  private static final int LAST_PORT = 65_535;

  /// What is wrong with a target, if anything.
  public Optional<String> complaint(String url) {
    URI target;
    try {
      target = URI.create(url);
    } catch (IllegalArgumentException _) {
      return Optional.of("has to be a URL");
    }
    boolean web = "http".equals(target.getScheme()) || "https".equals(target.getScheme());
    if (!web || target.getHost() == null || url.length() > MOST_CHARACTERS) {
      return Optional.of("has to be an http or https URL of at most 2000 characters");
    }
    if (target.getRawUserInfo() != null || target.getRawFragment() != null) {
      return Optional.of("must have neither a user nor a fragment");
    }
    if (target.getPort() == 0 || target.getPort() > LAST_PORT) {
      return Optional.of("has a port that is not 1 to " + LAST_PORT);
    }
    return privateAllowed ? Optional.empty() : privateComplaint(target.getHost());
  }

  private static Optional<String> privateComplaint(String host) {
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        if (isPrivate(address)) {
          return Optional.of("is on a private network: " + address.getHostAddress());
        }
      }
      return Optional.empty();
    } catch (UnknownHostException _) {
      return Optional.of("has a host that cannot be found");
    }
  }

  private static boolean isPrivate(InetAddress address) {
    byte[] bytes = address.getAddress();
    int first = bytes[0] & 0xFF;
    int second = bytes[1] & 0xFF;
    boolean shared =
        address instanceof Inet6Address
            ? (first & 0xFE) == 0xFC
            : first == 0 || (first == 100 && (second & 0xC0) == 64) || first >= 240;
    return shared
        || address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress();
  }
}
