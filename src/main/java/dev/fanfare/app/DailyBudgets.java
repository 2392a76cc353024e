package dev.fanfare.app;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.DailyCount;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.time.Duration;
import java.util.Optional;

/// Counts the accepted broadcasts of access keys by calendar day, and says when a key has used its
/// budget. Owned by the applier's thread.
///
/// The day is journal time plus the day offset of the app that sends. A key whose apps have
/// different offsets never goes back to a day that ended in one of them. The count belongs to the
/// name of the key, so that removing the key and adding it again wins nothing.
public final class DailyBudgets {
  private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();

  private final Batch batch;
  private final AppCommands apps;

  public DailyBudgets(Batch batch, AppCommands apps) {
    this.batch = batch;
    this.apps = apps;
  }

  /// Why this key may not broadcast now. A key that was removed on the way has no budget to keep.
  ///
  /// @param accessKey empty for none
  public Optional<Refusal> refusal(Stamp stamp, int app, String accessKey) {
    int limit =
        Keys.find(apps.record(app).getSettings(), AppKey.Kind.VOLCENGINE_ACCESS_KEY, accessKey)
            .map(AppKey::getDailyBroadcasts)
            .orElse(0);
    return limit != 0
            && Integer.compareUnsigned(today(stamp, app, accessKey).getBroadcasts(), limit) >= 0
        ? Optional.of(new Refusal.OverDailyBudget(limit))
        : Optional.empty();
  }

  /// Counts one that was accepted.
  public void count(Stamp stamp, int app, String accessKey) {
    if (!accessKey.isEmpty()) {
      DailyCount today = today(stamp, app, accessKey);
      DailyCount counted = today.toBuilder().setBroadcasts(today.getBroadcasts() + 1).build();
      batch.put(Table.DAILY_COUNT, Key.bytes(accessKey), counted.toByteArray());
    }
  }

  private DailyCount today(Stamp stamp, int app, String accessKey) {
    long offset = apps.record(app).getSettings().getLimits().getDayOffsetSeconds() * 1_000L;
    long day = Math.floorDiv(stamp.time() + offset, DAY_MILLIS);
    byte[] stored = batch.get(Table.DAILY_COUNT, Key.bytes(accessKey));
    DailyCount last = stored == null ? DailyCount.getDefaultInstance() : parse(stored);
    return day > last.getDay() ? DailyCount.newBuilder().setDay(day).build() : last;
  }

  private static DailyCount parse(byte[] stored) {
    try {
      return DailyCount.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("an access key's daily count is damaged", e);
    }
  }
}
