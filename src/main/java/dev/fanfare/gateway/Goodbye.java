package dev.fanfare.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Ends a connection so that its last words arrive.
///
/// A socket that is closed while something lies unread in it is reset, and a reset takes away what
/// the peer has not read yet. So only our direction is ended, what still comes is read and thrown
/// away, and the connection is closed when the peer closes it, or after five seconds.
final class Goodbye {
  static final int SECONDS = 5;

  private Goodbye() {}

  /// Says the last words of a connection; on its event loop. Whoever reads its channel has to throw
  /// away what comes.
  ///
  /// @return done when the words were taken by the socket
  static ChannelFuture say(Channel channel, Object words) {
    Future<?> cut = channel.eventLoop().schedule(() -> channel.close(), SECONDS, TimeUnit.SECONDS);
    channel.closeFuture().addListener(_ -> cut.cancel(false));
    channel.config().setAutoRead(true);
    return channel
        .writeAndFlush(words)
        .addListener(said -> {
          if (said.isSuccess() && channel instanceof DuplexChannel duplex) {
            end(duplex);
          } else {
            channel.close();
          }
        });
  }

  private static void end(DuplexChannel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      shutdown(channel);
    } else {
      tls.closeOutbound().addListener(_ -> shutdown(channel));
    }
  }

  private static void shutdown(DuplexChannel channel) {
    var _ = channel.shutdownOutput();
  }
}
