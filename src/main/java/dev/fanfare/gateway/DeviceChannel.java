package dev.fanfare.gateway;

/// The wire to one device, as sessions see it; the seam between delivery and transport. Used on its
/// shard's thread only.
interface DeviceChannel {

  /// Whether the transport takes more without holding it in memory for long.
  boolean isWritable();

  /// Hands a bundle over, in order, as one write. It is wholly handed to the transport when this
  /// returns. True when the socket took all of it at once. Otherwise `reachedLater` runs once it
  /// has, and never if that fails.
  boolean write(Bundle bundle, Runnable reachedLater);

  /// Asks whether the device is still there.
  void ping();

  /// Says why, then closes. What was written before goes out first.
  void close(CloseCode why);
}
