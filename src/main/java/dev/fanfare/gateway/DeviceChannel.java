package dev.fanfare.gateway;

import java.util.List;

/// The wire to one device, as sessions see it; the seam between delivery and transport. Used on its
/// shard's thread only.
interface DeviceChannel {

  /// Whether the transport takes more without holding it in memory for long.
  boolean isWritable();

  /// Hands frames over, in order, as one gathering write. They are wholly handed to the transport
  /// when this returns; `reachedSocket` runs once all of them were taken by the socket, and never
  /// if that fails.
  void write(List<Frame> frames, Runnable reachedSocket);

  /// Asks whether the device is still there.
  void ping();

  /// Says why, then closes. What was written before goes out first.
  void close(CloseCode why);
}
