package dev.fanfare.gateway;

import dev.fanfare.app.UserSig;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/// Counts each accepted connection and sets up its pipeline. Connections beyond a limit hear about
/// it, some of them; those far beyond are cut off, because telling them takes a connection too. Any
/// thread.
final class Accepting extends ChannelInitializer<Channel> {
  private static final int REFUSED_AT_ONCE = 1_000;
  private static final int REFUSED_AT_ONCE_PER_ADDRESS = 100;

  /// The longest credential, and room for everything else that a device says of itself.
  private static final int REQUEST_LINE_BYTES = UserSig.MOST_CHARACTERS + 1_024;

  private static final int PART_BYTES = 8_192;

  private final Gateway.Settings settings;
  private final Handshake.Admission admission;
  private final Executor beside;
  private final Addresses addresses;
  private final AtomicInteger connections = new AtomicInteger();

  /// @param beside runs what of TLS takes the processor long
  Accepting(Gateway.Settings settings, Handshake.Admission admission, Executor beside) {
    this.settings = settings;
    this.beside = beside;
    this.admission = admission;
    this.addresses =
        new Addresses(settings.edge().limits(), settings.edge().dev(), System::nanoTime);
  }

  /// Open connections, also those whose handshake is not complete.
  int connections() {
    return connections.get();
  }

  @Override
  protected void initChannel(Channel channel) {
    InetAddress peer = ((InetSocketAddress) channel.remoteAddress()).getAddress();
    ClientAddress client = new ClientAddress(addresses, settings.edge().trustedProxies(), peer);
    int open = connections.incrementAndGet();
    channel
        .closeFuture()
        .addListener(_ -> {
          client.left();
          connections.decrementAndGet();
        });
    if (open > settings.maxConnections() + REFUSED_AT_ONCE
        || client.excess() > REFUSED_AT_ONCE_PER_ADDRESS) {
      channel.close();
      return;
    }
    GatewayLimits limits = settings.edge().limits();
    ChannelPipeline pipeline = channel.pipeline();
    if (client.isBalancer()) {
      pipeline.addLast(new ProxyHeader(client));
    }
    SSLContext tls = settings.tls();
    if (tls != null) {
      pipeline.addLast(encrypted(tls, limits.times().handshake()));
    }
    boolean full = open > settings.maxConnections();
    pipeline.addLast(
        new HttpServerCodec(REQUEST_LINE_BYTES, limits.fromDevice().headerBytes(), PART_BYTES),
        new Handshake(admission, limits, forwarded -> limited(client, full, forwarded)));
  }

  /// TLS of one connection. All of its handshake is within the time that the request has.
  private SslHandler encrypted(SSLContext context, int seconds) {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    SslHandler handler = new SslHandler(engine, beside);
    handler.setHandshakeTimeout(seconds, TimeUnit.SECONDS);
    return handler;
  }

  /// What the limits say to a request.
  private Optional<Connecting.Turned> limited(
      ClientAddress client, boolean full, String forwarded) {
    InetAddress asking = client.asked(forwarded);
    if (client.excess() > 0) {
      return Optional.of(Refused.TOO_MANY_FROM_THERE);
    }
    return full || !addresses.mayAsk(asking)
        ? Optional.of(Refused.OVER_CAPACITY)
        : Optional.empty();
  }
}
