package dev.fanfare.broadcast;

import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.BroadcastProgress;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.CounterPoint;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Table;
import org.jspecify.annotations.Nullable;

/// Writes what changes about broadcasts in one group's batch, and with it since when they are in
/// their state and how their counters grew. Owned by the applier's thread.
///
/// The growth is a series of at most [#MOST_POINTS] points. Two of them are at least an interval
/// apart, at first a second; when there are too many, every other one is dropped and the interval
/// doubles. What came after the last point, the counters themselves say.
final class Progresses {
  static final int MOST_POINTS = 500;
  private static final long FIRST_INTERVAL_MILLIS = 1_000;

  private final Batch batch;
  private final BroadcastEvents events;

  /// @param events hears of every change of state
  Progresses(Batch batch, BroadcastEvents events) {
    this.batch = batch;
    this.events = events;
  }

  BroadcastProgress read(long number) {
    return BroadcastTables.progress(batch.get(Table.PROGRESS, Key.bytes(number)));
  }

  /// Writes the progress of a broadcast that has none yet.
  void create(Stamp stamp, long number, BroadcastProgress.Builder progress) {
    write(stamp, number, BroadcastProgress.getDefaultInstance(), progress);
  }

  void write(Stamp stamp, long number, BroadcastProgress.Builder progress) {
    write(stamp, number, read(number), progress);
  }

  private void write(
      Stamp stamp, long number, BroadcastProgress before, BroadcastProgress.Builder after) {
    if (before.getState() != after.getState()) {
      after.setStateSince(stamp.time());
      BroadcastRecord broadcast =
          BroadcastTables.broadcast(batch.get(Table.BROADCAST, Key.bytes(number)));
      if (broadcast != null) {
        events.life(stamp, broadcast, after);
      }
    }
    boolean counted =
        before.getReleased() != after.getReleased()
            || before.getReached() != after.getReached()
            || before.getDelivered() != after.getDelivered()
            || before.getRead() != after.getRead();
    if (counted) {
      after.setCounted(stamp.time());
      addPoint(stamp.time(), number, after);
    }
    batch.put(Table.PROGRESS, Key.bytes(number), after.build().toByteArray());
  }

  private void addPoint(long time, long number, BroadcastProgress.Builder progress) {
    if (progress.getPoints() == 0) {
      progress.setPointInterval(FIRST_INTERVAL_MILLIS);
    } else if (progress.getLastPoint() == time) {
      put(number, progress.getPoints() - 1, point(time, progress));
      return;
    } else if (time - progress.getLastPoint() < progress.getPointInterval()) {
      return;
    } else if (progress.getPoints() == MOST_POINTS) {
      thin(number, progress);
      addPoint(time, number, progress);
      return;
    }
    put(number, progress.getPoints(), point(time, progress));
    progress.setPoints(progress.getPoints() + 1).setLastPoint(time);
  }

  private void thin(long number, BroadcastProgress.Builder progress) {
    int kept = MOST_POINTS / 2;
    for (int index = 0; index < kept; index++) {
      put(number, index, BroadcastTables.point(get(number, 2 * index)));
    }
    for (int index = kept; index < MOST_POINTS; index++) {
      batch.delete(Table.POINT, BroadcastTables.pointKey(number, index));
    }
    progress
        .setPoints(kept)
        .setPointInterval(2 * progress.getPointInterval())
        .setLastPoint(BroadcastTables.point(get(number, kept - 1)).getTime());
  }

  private byte @Nullable [] get(long number, int index) {
    return batch.get(Table.POINT, BroadcastTables.pointKey(number, index));
  }

  private void put(long number, int index, CounterPoint point) {
    batch.put(Table.POINT, BroadcastTables.pointKey(number, index), point.toByteArray());
  }

  private static CounterPoint point(long time, BroadcastProgress.Builder progress) {
    return CounterPoint.newBuilder()
        .setTime(time)
        .setReleased(progress.getReleased())
        .setReached(progress.getReached())
        .setDelivered(progress.getDelivered())
        .setRead(progress.getRead())
        .build();
  }
}
