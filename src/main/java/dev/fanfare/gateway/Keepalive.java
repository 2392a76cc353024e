package dev.fanfare.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// One timer for all connections of a shard, a tick a second. Pings each connection every 25 s, and
/// closes those whose credentials hold no longer, which it notices then, and those that were silent
/// for 60 s. Owned by the shard's thread.
///
/// A wheel with a slot for each second between two pings holds every connection. One that will have
/// been silent for too long before its next ping is also put into a second wheel, for the moment
/// when that is so: a device that answers its pings never is.
final class Keepalive {
  private final GatewayLimits.Times times;
  private final List<List<DeviceConnection>> pings = new ArrayList<>();
  private final List<List<DeviceConnection>> doubts = new ArrayList<>();
  private final Predicate<Session.Login> holds;
  private final LongSupplier nanoTime;
  private int slot;

  /// @param holds whether a credential is still valid
  Keepalive(GatewayLimits.Times times, Predicate<Session.Login> holds, LongSupplier nanoTime) {
    this.times = times;
    this.holds = holds;
    this.nanoTime = nanoTime;
    for (int i = 0; i < times.ping(); i++) {
      pings.add(new ArrayList<>());
      doubts.add(new ArrayList<>());
    }
  }

  /// Watches a connection until its session is closed.
  void add(DeviceConnection connection) {
    pings.get((slot + times.ping() - 1) % times.ping()).add(connection);
  }

  /// Turns the wheels by one slot; called once a second.
  void tick() {
    List<DeviceConnection> due = pings.get(slot);
    List<DeviceConnection> doubted = List.copyOf(doubts.get(slot));
    doubts.get(slot).clear();
    due.removeIf(connection -> connection.session().closed());
    for (DeviceConnection connection : List.copyOf(due)) {
      if (holds.test(connection.session().login())) {
        ping(connection);
      } else {
        connection.close(CloseCode.CREDENTIALS);
      }
    }
    doubted.stream().filter(connection -> left(connection) <= 0).forEach(DeviceConnection::drop);
    slot = (slot + 1) % times.ping();
  }

  private void ping(DeviceConnection connection) {
    if (connection.isWritable()) {
      connection.ping();
    }
    long left = left(connection);
    if (left <= 0) {
      connection.drop();
    } else if (left < times.ping()) {
      doubts.get((int) ((slot + left) % times.ping())).add(connection);
    }
  }

  /// Whole seconds, rounded up, until a connection will have been silent for too long.
  private long left(DeviceConnection connection) {
    long silentMillis = TimeUnit.NANOSECONDS.toMillis(connection.silence(nanoTime.getAsLong()));
    return Math.ceilDiv(TimeUnit.SECONDS.toMillis(times.silence()) - silentMillis, 1_000L);
  }

  /// All connections that are open, in the order of their next ping.
  List<DeviceConnection> connections() {
    return pings.stream()
        .flatMap(List::stream)
        .filter(connection -> !connection.session().closed())
        .toList();
  }
}
