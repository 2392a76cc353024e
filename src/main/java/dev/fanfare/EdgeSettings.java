package dev.fanfare;

import dev.fanfare.gateway.Gateway;
import dev.fanfare.gateway.GatewayLimits;
import dev.fanfare.gateway.Transport;
import dev.fanfare.http.TrustedProxies;
import java.util.function.Function;

/// The settings of the port that devices connect to, read from text and written back.
final class EdgeSettings {
  private static final int MOST = 10_000_000;

  private EdgeSettings() {}

  /// @param values of every setting
  /// @throws ConfigException when one cannot be used
  static Gateway.Edge read(Function<Setting, String> values, boolean dev) {
    GatewayLimits limits =
        new GatewayLimits(
            new GatewayLimits.PerAddress(
                number(values, Setting.CONNECTIONS_PER_ADDRESS, 0, MOST),
                number(values, Setting.HANDSHAKES_PER_SECOND_PER_ADDRESS, 0, MOST)),
            number(values, Setting.HANDSHAKES_PER_SECOND, 0, MOST),
            number(values, Setting.DEVICES_PER_MEMBER, 1, 1_000),
            new GatewayLimits.FromDevice(
                number(values, Setting.FRAME_SIZE, 256, 65_535),
                number(values, Setting.FRAMES_PER_SECOND, 1, 10_000),
                number(values, Setting.HEADER_SIZE, 1_024, 65_536)),
            times(values));
    return new Gateway.Edge(
        transport(values.apply(Setting.TRANSPORT)),
        proxies(values.apply(Setting.TRUSTED_PROXIES)),
        limits,
        dev);
  }

  private static GatewayLimits.Times times(Function<Setting, String> values) {
    int ping = number(values, Setting.PING_INTERVAL, 1, 300);
    int silence = number(values, Setting.SILENCE_TIMEOUT, 2, 3_600);
    if (silence <= ping) {
      throw new ConfigException("silence-timeout: has to be above ping-interval, " + ping);
    }
    return new GatewayLimits.Times(
        number(values, Setting.HANDSHAKE_TIMEOUT, 1, 300), ping, silence);
  }

  private static Transport transport(String text) {
    Transport transport =
        Transport.named(text)
            .orElseThrow(
                () -> new ConfigException("transport: has to be auto, epoll or nio, not " + text));
    if (!transport.isAvailable()) {
      throw new ConfigException("transport: this machine has no " + text);
    }
    return transport;
  }

  private static TrustedProxies proxies(String text) {
    try {
      return TrustedProxies.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          "trusted-proxies: has to be addresses and networks such as 10.0.0.0/8,::1, not " + text);
    }
  }

  private static int number(
      Function<Setting, String> values, Setting setting, int least, int most) {
    String text = values.apply(setting);
    if (text.matches("[0-9]{1,9}")) {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw new ConfigException(
        "%s: has to be %d to %d, not %s".formatted(setting.key(), least, most, text));
  }

  /// The effective value of one of these settings.
  static String text(Gateway.Edge edge, Setting setting) {
    GatewayLimits limits = edge.limits();
    return switch (setting) {
      case TRANSPORT -> edge.transport().text();
      case TRUSTED_PROXIES -> edge.trustedProxies().toString();
      case CONNECTIONS_PER_ADDRESS -> text(limits.perAddress().connections());
      case HANDSHAKES_PER_SECOND -> text(limits.handshakesPerSecond());
      case HANDSHAKES_PER_SECOND_PER_ADDRESS -> text(limits.perAddress().handshakesPerSecond());
      case DEVICES_PER_MEMBER -> text(limits.devicesPerMember());
      case FRAME_SIZE -> text(limits.fromDevice().bytes());
      case FRAMES_PER_SECOND -> text(limits.fromDevice().perSecond());
      case HEADER_SIZE -> text(limits.fromDevice().headerBytes());
      case HANDSHAKE_TIMEOUT -> text(limits.times().handshake());
      case PING_INTERVAL -> text(limits.times().ping());
      case SILENCE_TIMEOUT -> text(limits.times().silence());
      default ->
          throw new IllegalArgumentException(setting + " is no setting of the gateway's edge");
    };
  }

  private static String text(int number) {
    return Integer.toString(number);
  }
}
