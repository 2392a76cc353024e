package dev.fanfare.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import java.net.InetAddress;
import java.util.List;

/// Looks whether a balancer's connection begins with a PROXY header, version 1 or 2, which says for
/// whom it connected. It need not. Owned by its event loop.
final class ProxyHeader extends ByteToMessageDecoder {
  private final ClientAddress client;

  ProxyHeader(ClientAddress client) {
    this.client = client;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    switch (HAProxyMessageDecoder.detectProtocol(in).state()) {
      case NEEDS_MORE_DATA -> {}
      case INVALID -> context.pipeline().remove(this);
      case DETECTED ->
          context
              .pipeline()
              .addAfter(context.name(), null, new Taking(client))
              .addAfter(context.name(), null, new HAProxyMessageDecoder())
              .remove(this);
    }
  }

  /// Takes the one header. A malformed one ends the connection, as every failure before the request
  /// does.
  private static final class Taking extends SimpleChannelInboundHandler<HAProxyMessage> {
    private final ClientAddress client;

    Taking(ClientAddress client) {
      this.client = client;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HAProxyMessage header) {
      context.pipeline().remove(this);
      if (header.command() == HAProxyCommand.PROXY) {
        switch (header.proxiedProtocol().addressFamily()) {
          case AF_IPv4, AF_IPv6 -> client.proxied(InetAddress.ofLiteral(header.sourceAddress()));
          case AF_UNIX, AF_UNSPEC -> {
            // Says nothing about where the client is.
          }
        }
      }
    }
  }
}
