package dev.fanfare.journal.kafka;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a node has applied, as one hash that grows with every entry: h(n) = SHA-256(h(n − 1) ‖
/// entry ‖ outcome), where the entry is its stamp and its bytes.
///
/// Two nodes whose hashes at an offset agree have come the same way. The last 100,000 hashes are
/// kept to compare with marks. The applier's thread alone.
final class Chain {
  static final int KEPT = 100_000;
  private static final int HASH_BYTES = 32;

  /// With room for a group that is lost again, so that it does not take the place of older ones.
  private static final int SLOTS = KEPT + KafkaSettings.POLLED_RECORDS;

  private final byte[][] kept = new byte[SLOTS][];
  private Link last;
  private long first;

  /// Where a chain stands. Offset −1 is before the first entry.
  record Link(long offset, byte[] hash) {
    static final Link START = new Link(-1, new byte[HASH_BYTES]);
  }

  Chain(Link last) {
    this.last = last;
    this.first = last.offset();
    keep();
  }

  Link last() {
    return last;
  }

  /// Goes back to where the chain stood before; what came after is forgotten.
  void rewind(Link to) {
    last = to;
    first = Math.min(first, to.offset());
    keep();
  }

  Link add(byte[] entry, long stamp, String outcome) {
    MessageDigest digest = sha256();
    digest.update(last.hash());
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, stamp));
    digest.update(entry);
    last = new Link(last.offset() + 1, digest.digest(outcome.getBytes(StandardCharsets.UTF_8)));
    keep();
    return last;
  }

  /// The hash at an offset, if it is still kept.
  Optional<byte[]> at(long offset) {
    if (offset < first || offset > last.offset() || offset <= last.offset() - KEPT) {
      return Optional.empty();
    }
    byte @Nullable [] hash = kept[slot(offset)];
    return Optional.ofNullable(hash);
  }

  private void keep() {
    kept[slot(last.offset())] = last.hash();
  }

  private static int slot(long offset) {
    return (int) Math.floorMod(offset, (long) SLOTS);
  }

  static byte[] sha256(byte[] bytes) {
    return sha256().digest(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
