package dev.fanfare.app;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.journal.Allowance;
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
/// different offsets never goes back to a day that ended in one of them: what it sends counts for
/// the latest day that was begun. The count belongs to the name of the key, so that removing the
/// key and adding it again wins nothing.
public final class DailyBudgets {
  private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();

  /// By how many days two apps can differ, from UTC-12 to UTC+14.
  private static final int DAYS_APART = 2;

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
            && Integer.compareUnsigned(today(stamp, app, accessKey).broadcasts(), limit) >= 0
        ? Optional.of(new Refusal.OverDailyBudget(limit))
        : Optional.empty();
  }

  /// Counts one that was accepted.
  public void count(Stamp stamp, int app, String accessKey) {
    if (!accessKey.isEmpty()) {
      Today today = today(stamp, app, accessKey);
      DailyCount counted = DailyCount.newBuilder().setBroadcasts(today.broadcasts() + 1).build();
      batch.put(Table.DAILY_COUNT, key(today.day(), accessKey), counted.toByteArray());
    }
  }

  /// Removes the counts of days that are over everywhere. Visits what is committed, so it needs a
  /// group that begins with it.
  public void purge(Stamp stamp, Allowance allowance) {
    long over = Math.floorDiv(stamp.time(), DAY_MILLIS) - DAYS_APART;
    batch.scanCommitted(
        Table.DAILY_COUNT,
        Key.bytes(0L),
        Key.bytes(over),
        (key, _) -> {
          if (allowance.isSpent()) {
            return false;
          }
          batch.delete(Table.DAILY_COUNT, key);
          allowance.take(1);
          return true;
        });
  }

  private record Today(long day, int broadcasts) {}

  private Today today(Stamp stamp, int app, String accessKey) {
    long offset = apps.record(app).getSettings().getLimits().getDayOffsetSeconds() * 1_000L;
    long day = Math.floorDiv(stamp.time() + offset, DAY_MILLIS);
    for (long latest = day + DAYS_APART; latest >= day; latest--) {
      byte[] stored = batch.get(Table.DAILY_COUNT, key(latest, accessKey));
      if (stored != null) {
        return new Today(latest, parse(stored).getBroadcasts());
      }
    }
    return new Today(day, 0);
  }

  private static byte[] key(long day, String accessKey) {
    return Key.of(day).and(accessKey).toBytes();
  }

  private static DailyCount parse(byte[] stored) {
    try {
      return DailyCount.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("an access key's daily count is damaged", e);
    }
  }
}
