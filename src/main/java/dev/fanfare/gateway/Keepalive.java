package dev.fanfare.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// One timer for all connections of a shard: a wheel of 25 slots, a slot a second, so that each
/// connection is pinged every 25 s. Closes who was silent for 60 s and whose credentials have
/// ended. Owned by the shard's thread.
final class Keepalive {
  private static final int SLOTS = 25;
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final List<List<WebSocketConnection>> wheel = new ArrayList<>();
  private final LongSupplier nanoTime;
  private int slot;

  Keepalive(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    for (int i = 0; i < SLOTS; i++) {
      wheel.add(new ArrayList<>());
    }
  }

  /// Watches a connection until its session is closed.
  void add(WebSocketConnection connection) {
    wheel.get((slot + SLOTS - 1) % SLOTS).add(connection);
  }

  /// Turns the wheel by one slot; called once a second.
  ///
  /// @param nowSeconds seconds since the epoch
  void tick(long nowSeconds) {
    List<WebSocketConnection> due = wheel.get(slot);
    slot = (slot + 1) % SLOTS;
    due.removeIf(connection -> connection.session().closed());
    long now = nanoTime.getAsLong();
    for (WebSocketConnection connection : List.copyOf(due)) {
      if (connection.session().login().expiresAt() <= nowSeconds) {
        connection.close(CloseCode.CREDENTIALS);
      } else if (now - connection.heardAt() > SILENCE_NANOS) {
        connection.close(CloseCode.TOO_SLOW);
      } else if (connection.isWritable()) {
        connection.ping();
      }
    }
  }
}
