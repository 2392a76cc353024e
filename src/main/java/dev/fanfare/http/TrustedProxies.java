package dev.fanfare.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// The balancers and proxies whose word is taken for where a client comes from: by a PROXY header
/// before everything else, or by `X-Forwarded-For`.
public final class TrustedProxies {
  /// Nobody.
  public static final TrustedProxies NONE = new TrustedProxies(List.of());

  private static final String NOBODY = "none";

  private final List<Network> networks;

  private TrustedProxies(List<Network> networks) {
    this.networks = networks;
  }

  private record Network(InetAddress address, int bits) {

    static Network parse(String text) {
      String[] parts = text.split("/", -1);
      InetAddress address = InetAddress.ofLiteral(parts[0]);
      int most = address.getAddress().length * Byte.SIZE;
      int bits = parts.length == 1 ? most : Integer.parseInt(parts[1]);
      if (parts.length > 2 || bits < 0 || bits > most) {
        throw new IllegalArgumentException(text);
      }
      return new Network(address, bits);
    }

    boolean contains(InetAddress other) {
      byte[] mine = address.getAddress();
      byte[] theirs = other.getAddress();
      int whole = bits / Byte.SIZE;
      int mask = (0xFF00 >> (bits % Byte.SIZE)) & 0xFF;
      return mine.length == theirs.length
          && Arrays.equals(mine, 0, whole, theirs, 0, whole)
          && (mask == 0 || ((mine[whole] ^ theirs[whole]) & mask) == 0);
    }

    @Override
    public String toString() {
      return address.getHostAddress() + "/" + bits;
    }
  }

  /// Reads addresses and networks, such as `10.0.0.0/8,::1`, or `none`.
  ///
  /// @throws IllegalArgumentException when it is something else
  public static TrustedProxies parse(String text) {
    return text.equals(NOBODY)
        ? NONE
        : new TrustedProxies(
            Arrays.stream(text.split(",", -1)).map(String::strip).map(Network::parse).toList());
  }

  /// Whether this is one of them.
  public boolean trusts(InetAddress address) {
    return networks.stream().anyMatch(network -> network.contains(address));
  }

  /// The client that a chain of forwarders names: the last address that is not one of ours, because
  /// whatever stands before it may be made up.
  ///
  /// @param peer who connected
  /// @param forwarded the values of `X-Forwarded-For`, joined; addresses, oldest first
  public InetAddress client(InetAddress peer, String forwarded) {
    InetAddress client = peer;
    List<String> chain = Arrays.stream(forwarded.split(",", -1)).map(String::strip).toList();
    for (String next : chain.reversed()) {
      if (!trusts(client) || next.isEmpty()) {
        return client;
      }
      try {
        client = InetAddress.ofLiteral(next);
      } catch (IllegalArgumentException _) {
        return client;
      }
    }
    return client;
  }

  /// Whom limits count as one: an address, or a network of 64 bits where a client may have as many
  /// addresses as it likes.
  public static InetAddress counted(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address;
    }
    byte[] network = Arrays.copyOf(Arrays.copyOf(address.getAddress(), Long.BYTES), 16);
    try {
      return InetAddress.getByAddress(network);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("sixteen bytes are an address", e);
    }
  }

  @Override
  public String toString() {
    return networks.isEmpty()
        ? NOBODY
        : networks.stream().map(Network::toString).collect(Collectors.joining(","));
  }
}
