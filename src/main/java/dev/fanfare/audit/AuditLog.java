package dev.fanfare.audit;

import dev.fanfare.app.AppCommands;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.AppCounters;
import dev.fanfare.schema.AuditRecord;
import dev.fanfare.schema.Command;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Writes down who did what, into one group's batch. Owned by the applier's thread.
///
/// An app keeps its newest entries, as many as its limit says; the cell, to which apps themselves
/// belong, keeps [#CELL_ENTRIES]. Changes of members would wash away everything else, so all that
/// one actor makes within an hour are one entry that counts them.
public final class AuditLog {
  static final int CELL = 0;
  static final int CELL_ENTRIES = 10_000;

  private static final long SUMMARY_MILLIS = 3_600_000;
  private static final long NONE = -1;

  /// Entries dropped for one that is added, so that a lowered limit is reached without a stall.
  private static final int DROPPED_AT_ONCE = 100;

  private final Batch batch;
  private final AppCommands apps;

  public AuditLog(Batch batch, AppCommands apps) {
    this.batch = batch;
    this.apps = apps;
  }

  /// Notes a command that was applied, if somebody asked for it and it took effect.
  public void note(Stamp stamp, Command command, Outcome outcome) {
    if (command.getActor().isEmpty()) {
      return;
    }
    AuditAction.of(command, outcome, batch)
        .ifPresent(action -> {
          AuditRecord record =
              AuditRecord.newBuilder()
                  .setOffset(stamp.offset())
                  .setTime(stamp.time())
                  .setActor(command.getActor())
                  .setAction(action.name())
                  .setTarget(action.target())
                  .setMembers(action.members())
                  .build();
          if (action.members() > 0) {
            sumUp(command.getApp(), record);
          } else {
            add(command.getApp(), record);
          }
        });
  }

  /// Adds to the actor's entry of this hour, or begins one.
  private void sumUp(int app, AuditRecord change) {
    byte[] summaryKey = AuditKeys.summary(app, change.getActor());
    byte[] stored = batch.get(Table.AUDIT, summaryKey);
    long number = stored == null ? NONE : ByteBuffer.wrap(stored).getLong();
    AuditRecord begun = number == NONE ? null : record(app, number);
    if (begun != null && change.getTime() - begun.getTime() < SUMMARY_MILLIS) {
      AuditRecord summed =
          begun.toBuilder()
              .setMembers(begun.getMembers() + change.getMembers())
              .setLastTime(change.getTime())
              .build();
      batch.put(Table.AUDIT, AuditKeys.entry(app, number), summed.toByteArray());
    } else {
      long added = add(app, change.toBuilder().setLastTime(change.getTime()).build());
      batch.put(Table.AUDIT, summaryKey, Key.bytes(added));
    }
  }

  private long add(int app, AuditRecord record) {
    AppCounters counters = apps.counters(app);
    long number = counters.getNextAudit();
    batch.put(Table.AUDIT, AuditKeys.entry(app, number), record.toByteArray());
    long first = counters.getFirstAudit();
    long least = number + 1 - limit(app);
    for (int i = 0; i < DROPPED_AT_ONCE && first < least; i++) {
      drop(app, first++);
    }
    apps.putCounters(
        app, counters.toBuilder().setNextAudit(number + 1).setFirstAudit(first).build());
    return number;
  }

  private int limit(int app) {
    return app == CELL
        ? CELL_ENTRIES
        : apps.record(app).getSettings().getLimits().getAuditEntries();
  }

  /// An actor's summary that is dropped must not be added to any more.
  private void drop(int app, long number) {
    AuditRecord dropped = record(app, number);
    if (dropped != null && dropped.getMembers() > 0) {
      byte[] summaryKey = AuditKeys.summary(app, dropped.getActor());
      byte[] current = batch.get(Table.AUDIT, summaryKey);
      if (current != null && ByteBuffer.wrap(current).getLong() == number) {
        batch.delete(Table.AUDIT, summaryKey);
      }
    }
    batch.delete(Table.AUDIT, AuditKeys.entry(app, number));
  }

  private @Nullable AuditRecord record(int app, long number) {
    byte[] stored = batch.get(Table.AUDIT, AuditKeys.entry(app, number));
    return stored == null ? null : AuditKeys.parse(stored);
  }
}
