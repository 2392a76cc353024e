package dev.fanfare.presence;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.schema.NodeReport;
import dev.fanfare.schema.PresenceValue;
import java.util.Optional;

/// The value of a sign of life: what the node says of itself, some 200 bytes.
final class Sign {
  private static final int MOST_BYTES = 8_192;

  private Sign() {}

  static byte[] pack(NodeReport report) {
    return PresenceValue.newBuilder().setReport(report).build().toByteArray();
  }

  /// Empty for what another version, or nobody, would write; the node lives all the same.
  static Optional<NodeReport> unpack(byte[] value) {
    if (value.length > MOST_BYTES) {
      return Optional.empty();
    }
    try {
      PresenceValue read = PresenceValue.parseFrom(value);
      return read.hasReport() ? Optional.of(read.getReport()) : Optional.empty();
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }
}
