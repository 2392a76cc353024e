package dev.fanfare.gateway;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One timer for all connections of a shard, a tick a second. Pings each connection every 25 s, and
/// closes those whose credentials hold no longer, which it notices then, and those that were silent
/// for 60 s. Owned by the shard's thread.
///
/// A wheel with a slot for each second between two pings holds every connection. One that will have
/// been silent for too long before its next ping is also put into a second wheel, for the moment
/// when that is so: a device that answers its pings never is. A connection that is closed leaves
/// both at once, so that one who comes again and again leaves nothing behind.
final class Keepalive {
  private final GatewayLimits.Times times;
  private final List<Set<Watched>> pings = new ArrayList<>();
  private final List<Set<Watched>> doubts = new ArrayList<>();
  private final Predicate<Session.Login> holds;
  private final LongSupplier nanoTime;
  private int slot;

  /// A connection and the slots that it is in.
  private static final class Watched {
    private final DeviceConnection connection;
    private final Set<Watched> ping;

    /// The last one; it may have left it since.
    private @Nullable Set<Watched> doubt;

    Watched(DeviceConnection connection, Set<Watched> ping) {
      this.connection = connection;
      this.ping = ping;
      ping.add(this);
    }

    void doubt(Set<Watched> slot) {
      doubt = slot;
      slot.add(this);
    }

    void leave() {
      ping.remove(this);
      if (doubt != null) {
        doubt.remove(this);
      }
    }

    boolean isOpen() {
      return !connection.session().closed();
    }
  }

  /// @param holds whether a credential is still valid
  Keepalive(GatewayLimits.Times times, Predicate<Session.Login> holds, LongSupplier nanoTime) {
    this.times = times;
    this.holds = holds;
    this.nanoTime = nanoTime;
    for (int i = 0; i < times.ping(); i++) {
      pings.add(new LinkedHashSet<>());
      doubts.add(new LinkedHashSet<>());
    }
  }

  /// Watches a connection until it is closed.
  void add(DeviceConnection connection) {
    Watched watched = new Watched(connection, pings.get((slot + times.ping() - 1) % times.ping()));
    connection.channel().closeFuture().addListener(_ -> watched.leave());
  }

  /// Turns the wheels by one slot; called once a second.
  void tick() {
    List<Watched> doubted = List.copyOf(doubts.get(slot));
    doubts.get(slot).clear();
    for (Watched due : pings.get(slot).stream().filter(Watched::isOpen).toList()) {
      if (holds.test(due.connection.session().login())) {
        ping(due);
      } else {
        due.connection.close(CloseCode.CREDENTIALS);
      }
    }
    doubted.stream()
        .map(watched -> watched.connection)
        .filter(connection -> left(connection) <= 0)
        .forEach(DeviceConnection::drop);
    slot = (slot + 1) % times.ping();
  }

  private void ping(Watched watched) {
    DeviceConnection connection = watched.connection;
    if (connection.isWritable()) {
      connection.ping();
    }
    long left = left(connection);
    if (left <= 0) {
      connection.drop();
    } else if (left < times.ping()) {
      watched.doubt(doubts.get((int) ((slot + left) % times.ping())));
    }
  }

  /// Whole seconds, rounded up, until a connection will have been silent for too long.
  private long left(DeviceConnection connection) {
    long silentMillis = TimeUnit.NANOSECONDS.toMillis(connection.silence(nanoTime.getAsLong()));
    return Math.ceilDiv(TimeUnit.SECONDS.toMillis(times.silence()) - silentMillis, 1_000L);
  }

  /// How many connections its wheels hold; one that is in both counts twice.
  long size() {
    return Stream.of(pings, doubts).flatMap(List::stream).mapToLong(Set::size).sum();
  }

  /// All connections that are open, in the order of their next ping.
  List<DeviceConnection> connections() {
    return pings.stream()
        .flatMap(Set::stream)
        .filter(Watched::isOpen)
        .map(watched -> watched.connection)
        .toList();
  }
}
