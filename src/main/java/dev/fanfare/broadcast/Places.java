package dev.fanfare.broadcast;

import dev.fanfare.app.AppCommands;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.AppCounters;
import dev.fanfare.schema.BroadcastProgress;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which broadcasts an app has in its timeline, and bounds for them. Owned by the applier's thread.
///
/// Those that count as live are bounded by the app's limit: what is scheduled, and what has a
/// lifetime that is not over. The others, whose life is over but that can still be recalled, and
/// those of lifetime 0, take a place in a ring; the one that had it before, 100,000 of them ago,
/// leaves.
final class Places {
  static final int UNCOUNTED = 100_000;

  private final Batch batch;
  private final AppCommands apps;
  private final Progresses progresses;
  private final Set<Long> touched;

  /// @param touched takes the numbers of those that have to leave for others
  Places(Batch batch, AppCommands apps, Progresses progresses, Set<Long> touched) {
    this.batch = batch;
    this.apps = apps;
    this.progresses = progresses;
    this.touched = touched;
  }

  boolean has(BroadcastRecord broadcast) {
    byte[] live = BroadcastTables.liveKey(broadcast.getApp(), broadcast.getNumber());
    return batch.get(Table.LIVE, live) != null;
  }

  /// Takes in a new broadcast.
  ///
  /// @param counted whether it counts as live
  void enter(BroadcastRecord broadcast, boolean counted) {
    int app = broadcast.getApp();
    batch.put(Table.LIVE, BroadcastTables.liveKey(app, broadcast.getNumber()), new byte[0]);
    if (counted) {
      count(app, 1);
    }
  }

  /// Whether it counted as live, which it does no longer.
  boolean uncount(BroadcastRecord broadcast, BroadcastProgress.Builder progress) {
    boolean counted = progress.getLive();
    if (counted) {
      progress.setLive(false);
      count(broadcast.getApp(), -1);
    }
    return counted;
  }

  private void count(int app, int more) {
    AppCounters counters = apps.counters(app);
    int live = counters.getLiveBroadcasts() + more;
    apps.putCounters(app, counters.toBuilder().setLiveBroadcasts(live).build());
  }

  /// Gives one that does not count a place, once.
  void keepUncounted(Stamp stamp, BroadcastRecord broadcast) {
    byte[] takenKey = Key.bytes(broadcast.getApp());
    long taken = number(batch.get(Table.UNCOUNTED, takenKey)).orElse(0);
    byte[] place = Key.of(broadcast.getApp()).and((int) (taken % UNCOUNTED)).toBytes();
    number(batch.get(Table.UNCOUNTED, place)).ifPresent(before -> makeRoom(stamp, before));
    batch.put(Table.UNCOUNTED, takenKey, Key.bytes(taken + 1));
    batch.put(Table.UNCOUNTED, place, Key.bytes(broadcast.getNumber()));
  }

  private static OptionalLong number(byte @Nullable [] stored) {
    return stored == null
        ? OptionalLong.empty()
        : OptionalLong.of(ByteBuffer.wrap(stored).getLong());
  }

  /// Takes a broadcast from the timeline before its time. What of it was not released is dropped,
  /// and it cannot be recalled any more.
  private void makeRoom(Stamp stamp, long number) {
    BroadcastRecord broadcast =
        BroadcastTables.broadcast(batch.get(Table.BROADCAST, Key.bytes(number)));
    if (broadcast != null && has(broadcast)) {
      BroadcastProgress.Builder progress = progresses.read(number).toBuilder();
      leave(stamp, broadcast, progress);
      if (progress.getReleased() < progress.getRecipients()
          && progress.getState() != BroadcastState.RECALLED) {
        progress.setState(BroadcastState.EXPIRED).setNextDue(0);
      }
      touched.add(number);
      progresses.write(stamp, number, progress);
    }
  }

  /// From here on, or from the last moment of a recall if that is later, it is kept for a while.
  void leave(Stamp stamp, BroadcastRecord broadcast, BroadcastProgress.Builder progress) {
    int app = broadcast.getApp();
    long number = broadcast.getNumber();
    batch.delete(Table.LIVE, BroadcastTables.liveKey(app, number));
    long recallable = progress.getStarted() > 0 ? Lifetime.lastRecall(progress) : 0;
    new Ended(app, Ended.Left.ALL, Math.max(stamp.time(), recallable), number).put(batch);
  }
}
