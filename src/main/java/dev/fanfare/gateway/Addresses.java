package dev.fanfare.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.fanfare.http.TrustedProxies;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;

/// How much each client address uses: open connections, and requests to connect. Any thread.
///
/// Open connections bound the one map; the other keeps the 100,000 addresses that asked last.
final class Addresses {
  private static final int REMEMBERED = 100_000;
  private static final Duration FORGOTTEN_AFTER = Duration.ofSeconds(10);

  private final GatewayLimits limits;
  private final boolean loopbackExempt;
  private final LongSupplier nanoTime;
  private final ConcurrentMap<InetAddress, Integer> open = new ConcurrentHashMap<>();
  private final Cache<InetAddress, Rate> handshakes =
      Caffeine.newBuilder().maximumSize(REMEMBERED).expireAfterAccess(FORGOTTEN_AFTER).build();
  private final Rate everybody;

  /// @param loopbackExempt whether the limits of an address do not concern this machine's own
  Addresses(GatewayLimits limits, boolean loopbackExempt, LongSupplier nanoTime) {
    this.limits = limits;
    this.loopbackExempt = loopbackExempt;
    this.nanoTime = nanoTime;
    this.everybody = rate(limits.handshakesPerSecond());
  }

  private Rate rate(int perSecond) {
    int counted = Math.max(1, perSecond);
    return new Rate(counted, counted, nanoTime.getAsLong());
  }

  /// Counts a connection until it [leaves][#leave]. How many of those from there are too many.
  int enter(InetAddress client) {
    int most = limits.perAddress().connections();
    int now = open.merge(TrustedProxies.counted(client), 1, Integer::sum);
    return exempt(client) || most == 0 ? 0 : Math.max(0, now - most);
  }

  void leave(InetAddress client) {
    open.computeIfPresent(
        TrustedProxies.counted(client), (_, count) -> count == 1 ? null : count - 1);
  }

  /// Counts a request to connect; false when there are too many from there, or in total.
  boolean mayAsk(InetAddress client) {
    int perSecond = limits.perAddress().handshakesPerSecond();
    if (!exempt(client) && perSecond > 0) {
      Rate own = handshakes.get(TrustedProxies.counted(client), _ -> rate(perSecond));
      if (!take(own)) {
        return false;
      }
    }
    return limits.handshakesPerSecond() == 0 || take(everybody);
  }

  private boolean take(Rate rate) {
    synchronized (rate) {
      return rate.take(nanoTime.getAsLong());
    }
  }

  private boolean exempt(InetAddress client) {
    return loopbackExempt && client.isLoopbackAddress();
  }

  /// Addresses with open connections.
  int size() {
    return open.size();
  }
}
