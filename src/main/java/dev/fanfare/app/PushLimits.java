package dev.fanfare.app;

import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.AppCounters;
import dev.fanfare.schema.Limits;
import java.time.Duration;
import java.util.Optional;

/// How soon and how often an app may push to its members in the Tencent dialect, judged by journal
/// time. Refused pushes and repetitions do not count.
///
/// The day is journal time plus the app's day offset; when the offset changes, a day that ended
/// does not come back.
///
/// @param counters of the app, before the push
public record PushLimits(Stamp stamp, Limits limits, AppCounters counters) {
  private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();

  /// Why the app may not push now.
  public Optional<Refusal> refusal() {
    int interval = limits.getTencentPushIntervalMillis();
    if (interval > 0 && stamp.time() - counters.getLastPush() <= interval) {
      return Optional.of(new Refusal.PushTooSoon(interval));
    }
    int daily = limits.getTencentDailyPushes();
    return daily > 0 && today() >= daily
        ? Optional.of(new Refusal.OverDailyPushes(daily))
        : Optional.empty();
  }

  /// The counters after a push that was accepted.
  public AppCounters counted() {
    return counters.toBuilder()
        .setLastPush(stamp.time())
        .setPushes(today() + 1)
        .setPushDay(day())
        .build();
  }

  private int today() {
    return day() > counters.getPushDay() ? 0 : counters.getPushes();
  }

  private long day() {
    long local = stamp.time() + limits.getDayOffsetSeconds() * 1_000L;
    return Math.max(counters.getPushDay(), Math.floorDiv(local, DAY_MILLIS));
  }
}
