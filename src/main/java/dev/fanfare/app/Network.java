package dev.fanfare.app;

import java.net.InetAddress;
import java.util.Optional;

/// A range of IP addresses: those that share the first bits of one.
///
/// @param bits 0 to all of them
public record Network(InetAddress address, int bits) {

  /// Reads `ADDRESS/BITS`, or an address alone, which is a network of one.
  public static Optional<Network> parse(String text) {
    int slash = text.indexOf('/');
    try {
      InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
      int all = 8 * address.getAddress().length;
      int bits = slash < 0 ? all : Integer.parseInt(text.substring(slash + 1));
      return bits >= 0 && bits <= all ? Optional.of(new Network(address, bits)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// Whether an address, in text, is one of them.
  public boolean contains(String text) {
    try {
      byte[] mine = address.getAddress();
      byte[] other = InetAddress.ofLiteral(text).getAddress();
      int same = 0;
      while (same < bits && mine.length == other.length && bit(mine, same) == bit(other, same)) {
        same++;
      }
      return mine.length == other.length && same == bits;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static int bit(byte[] bytes, int at) {
    return (bytes[at / 8] >> (7 - at % 8)) & 1;
  }
}
