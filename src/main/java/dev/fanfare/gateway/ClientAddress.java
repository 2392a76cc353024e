package dev.fanfare.gateway;

import dev.fanfare.http.TrustedProxies;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// Where one connection comes from, and its place in the counts of that address. Owned by the
/// connection's event loop.
///
/// Who is no balancer of ours is counted at once. Behind a balancer the client is known by the
/// PROXY header, or with the request.
final class ClientAddress {
  private final Addresses addresses;
  private final TrustedProxies trusted;
  private InetAddress peer;
  private @Nullable InetAddress entered;
  private boolean left;
  private int excess;

  ClientAddress(Addresses addresses, TrustedProxies trusted, InetAddress peer) {
    this.addresses = addresses;
    this.trusted = trusted;
    this.peer = peer;
    enterUnlessBalancer();
  }

  /// Whether what it says of where it comes from is believed.
  boolean isBalancer() {
    return trusted.trusts(peer);
  }

  /// Learns from a PROXY header for whom the balancer connected.
  void proxied(InetAddress source) {
    peer = source;
    enterUnlessBalancer();
  }

  /// Learns from the request for whom a balancer speaks; the client.
  ///
  /// @param forwarded the values of `X-Forwarded-For`, joined
  InetAddress asked(String forwarded) {
    InetAddress client = trusted.client(peer, forwarded);
    if (entered == null) {
      enter(client);
    }
    return client;
  }

  /// How many connections from there are too many, as this one came.
  int excess() {
    return excess;
  }

  /// Ends its place in the counts, for good: what is still read of a connection that has ended is
  /// not counted.
  void left() {
    left = true;
    if (entered != null) {
      addresses.leave(entered);
      entered = null;
    }
  }

  private void enterUnlessBalancer() {
    if (!isBalancer()) {
      enter(peer);
    }
  }

  private void enter(InetAddress client) {
    if (!left) {
      entered = client;
      excess = addresses.enter(client);
    }
  }
}
