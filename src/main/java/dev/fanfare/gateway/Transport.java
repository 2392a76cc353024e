package dev.fanfare.gateway;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What the gateway's sockets stand on: Linux's epoll by native code, or what every Java has.
public enum Transport {
  /// Epoll where it is there, else NIO.
  AUTO,
  EPOLL,
  NIO;

  /// The transport that a configuration names.
  public static Optional<Transport> named(String text) {
    return Arrays.stream(values()).filter(transport -> transport.text().equals(text)).findFirst();
  }

  /// As configurations write it.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Whether this machine has it.
  public boolean isAvailable() {
    return this != EPOLL || Epoll.isAvailable();
  }

  IoHandlerFactory loops() {
    return epoll() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
  }

  Class<? extends ServerChannel> listener() {
    return epoll() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  private boolean epoll() {
    return switch (this) {
      case AUTO -> Epoll.isAvailable();
      case EPOLL -> true;
      case NIO -> false;
    };
  }
}
