package dev.fanfare.gateway;

import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Sends devices away because the server stops: not all at once, or all would come back at once.
/// They are spread over a second; a few are gone sooner.
final class Dismissal {
  private static final int STEPS = 100;
  private static final long STEP_MILLIS = 10;
  private static final int LEAST_AT_ONCE = 10;

  private Dismissal() {}

  /// Begins to close the connections of one event loop.
  static void begin(ScheduledExecutorService loop, List<DeviceConnection> all) {
    int portion = Math.max(LEAST_AT_ONCE, Math.ceilDiv(all.size(), STEPS));
    for (int from = 0; from < all.size(); from += portion) {
      List<DeviceConnection> some = all.subList(from, Math.min(from + portion, all.size()));
      var _ =
          loop.schedule(
              () -> some.forEach(connection -> connection.close(CloseCode.GOING_AWAY)),
              from / portion * STEP_MILLIS,
              TimeUnit.MILLISECONDS);
    }
  }
}
