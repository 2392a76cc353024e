package dev.fanfare.crowd;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakerFactory;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Devices on one event loop, each of which connects again whenever its connection ended.
public final class Crowd implements AutoCloseable {
  private static final int HANDSHAKES_AT_ONCE = 100;
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<CrowdDevice> devices = new ArrayList<>();
  private final Semaphore handshakes = new Semaphore(HANDSHAKES_AT_ONCE);
  private final IntSupplier port;
  private final String deviceKey;
  private volatile boolean closing;

  /// @param port of the gateway that the next connection goes to
  public Crowd(IntSupplier port, String deviceKey) {
    this.port = port;
    this.deviceKey = deviceKey;
  }

  public List<CrowdDevice> devices() {
    return devices;
  }

  /// Adds a device and has it connect; not more than 100 handshakes at a time.
  public void add(String member, Ear ear) {
    handshakes.acquireUninterruptibly();
    CrowdDevice device = new CrowdDevice(member, ear);
    devices.add(device);
    connect(device);
  }

  private void connect(CrowdDevice device) {
    int to = port.getAsInt();
    var _ =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new HttpClientCodec(),
                            new HttpObjectAggregator(8_192),
                            webSocket(device, to),
                            device.listener(() -> again(device)));
                  }
                })
            .connect("127.0.0.1", to)
            .addListener(
                (ChannelFutureListener)
                    connected -> {
                      handshakes.release();
                      if (!connected.isSuccess()) {
                        again(device);
                      }
                    });
  }

  private void again(CrowdDevice device) {
    if (!closing) {
      var _ = loop.schedule(() -> connectAgain(device), 100, TimeUnit.MILLISECONDS);
    }
  }

  private void connectAgain(CrowdDevice device) {
    if (handshakes.tryAcquire()) {
      connect(device);
    } else {
      again(device);
    }
  }

  private WebSocketClientProtocolHandler webSocket(CrowdDevice device, int to) {
    String after = device.cursor() == null ? "" : "&after=" + device.cursor();
    URI uri = URI.create("ws://127.0.0.1:" + to + "/ws?app=demo&device=crowd" + after);
    return new WebSocketClientProtocolHandler(
        WebSocketClientHandshakerFactory.newHandshaker(
            uri,
            WebSocketVersion.V13,
            null,
            false,
            new DefaultHttpHeaders().set("Authorization", "Bearer " + token(device.member())),
            1 << 20),
        false,
        false);
  }

  private String token(String member) {
    long now = Instant.now().getEpochSecond();
    String claims =
        "{\"sub\":\"%s\",\"app\":\"demo\",\"iat\":%d,\"exp\":%d}"
            .formatted(member, now, now + 3_600);
    String signed = encode("{\"alg\":\"HS256\"}") + "." + encode(claims);
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(deviceKey.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return signed
          + "."
          + BASE64.encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String encode(String text) {
    return BASE64.encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Cuts the connections of some devices, as a lost network does.
  public void cut(Random random, int count) {
    for (int i = 0; i < count; i++) {
      Channel channel = devices.get(random.nextInt(devices.size())).channel();
      if (channel != null) {
        channel.close();
      }
    }
  }

  /// Has one device read or stop reading; what it does not read waits in sockets, then in the
  /// server.
  public static void reads(CrowdDevice device, boolean reads) {
    Channel channel = device.channel();
    if (channel != null) {
      channel.config().setAutoRead(reads);
    }
  }

  /// Has everyone acknowledge what they heard.
  public void acknowledgeAll() {
    loop.execute(() -> devices.forEach(CrowdDevice::acknowledgeAll));
  }

  @Override
  public void close() {
    closing = true;
    loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
