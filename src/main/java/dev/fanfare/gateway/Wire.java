package dev.fanfare.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.lang.ref.Reference;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes shared bytes to the socket of one device, in the encoding of its transport.
///
/// Where nothing stands between the channel and its socket, an epoll channel without TLS, and
/// nothing waits in the channel, the bytes go straight to the socket: no promise, no view, no
/// pipeline. What the socket does not take, and everything elsewhere, goes the channel's ordinary
/// way, which waits until the socket takes more. Owned by its event loop.
final class Wire {
  private static final Logger log = LoggerFactory.getLogger(Wire.class);

  private final Channel channel;
  private final Encoding encoding;
  private final Joint joint;
  private final @Nullable Bare socket;

  /// A socket that does not wait.
  @FunctionalInterface
  interface Bare {
    /// Takes the first of some bytes in memory; how many, 0 when it takes none now.
    int send(long address, int length) throws IOException;
  }

  /// @param joint of the shard to whose thread the channel belongs
  Wire(Channel channel, Encoding encoding, Joint joint) {
    this(channel, encoding, joint, bare(channel));
  }

  /// @param socket null when bytes go the channel's way
  Wire(Channel channel, Encoding encoding, Joint joint, @Nullable Bare socket) {
    this.channel = channel;
    this.encoding = encoding;
    this.joint = joint;
    this.socket = socket;
  }

  /// The socket itself, where bytes may go straight to it.
  private static @Nullable Bare bare(Channel channel) {
    return channel instanceof EpollSocketChannel epoll
            && channel.pipeline().get(SslHandler.class) == null
            && epoll.fd() instanceof Socket bare
        ? (address, length) -> bare.sendAddress(address, 0, length)
        : null;
  }

  boolean isWritable() {
    return channel.isWritable();
  }

  /// See [DeviceChannel#write].
  boolean write(Bundle bundle, Runnable reachedLater) {
    SharedBytes bytes = socket != null && isDrained() ? joint.of(bundle, encoding) : null;
    if (socket == null || bytes == null) {
      queue(bundle, 0, reachedLater);
      return false;
    }
    try {
      int taken = socket.send(bytes.address(), bytes.length());
      if (taken < bytes.length()) {
        queue(bundle, taken, reachedLater);
      }
      return taken == bytes.length();
    } catch (IOException e) {
      log.debug("a socket failed", e);
      channel.close();
      return false;
    } finally {
      Reference.reachabilityFence(bytes);
    }
  }

  /// Whether nothing waits in the channel. A closed channel has no buffer, and its descriptor may
  /// already be another connection's: it is never written to.
  private boolean isDrained() {
    ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
    return waiting != null && waiting.totalPendingWriteBytes() == 0;
  }

  /// Leaves a bundle to the channel, without its first bytes. Each frame is a view of shared bytes,
  /// so what a slow device has waiting costs little.
  private void queue(Bundle bundle, int taken, Runnable reachedLater) {
    List<Frame> frames = bundle.frames();
    int skip = taken;
    for (Frame frame : frames.subList(0, frames.size() - 1)) {
      SharedBytes bytes = frame.as(encoding);
      if (skip < bytes.length()) {
        channel.write(bytes.from(skip), channel.voidPromise());
      }
      skip = Math.max(0, skip - bytes.length());
    }
    channel
        .writeAndFlush(frames.getLast().as(encoding).from(skip))
        .addListener(written -> {
          if (written.isSuccess()) {
            reachedLater.run();
          }
        });
  }
}
