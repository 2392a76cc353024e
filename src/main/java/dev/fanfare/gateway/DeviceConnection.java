package dev.fanfare.gateway;

import io.netty.channel.Channel;

/// An open connection of a device, whatever it speaks. Owned by its event loop.
interface DeviceConnection extends DeviceChannel {
  Channel channel();

  Session session();

  /// Nanoseconds for which nothing was heard; always 0 where devices have no way to speak.
  ///
  /// @param nanos monotonic, now
  long silence(long nanos);

  /// Ends it without a word, for there is nobody to hear it.
  void drop();
}
