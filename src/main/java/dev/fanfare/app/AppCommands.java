package dev.fanfare.app;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.AppCounters;
import dev.fanfare.schema.AppRecord;
import dev.fanfare.schema.Bootstrap;
import dev.fanfare.schema.CellRecord;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.schema.EpochRecord;
import dev.fanfare.schema.SetAttributeNames;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Applies the commands that concern the cell and its apps, and keeps the apps' counters, all in
/// one group's batch. Owned by the applier's thread.
public final class AppCommands {
  public static final int ATTRIBUTE_SLOTS = 10;

  static final byte[] CELL = Key.bytes("cell");

  private final Batch batch;
  private final Map<Integer, AppRecord> records = new HashMap<>();
  private boolean changed;

  public AppCommands(Batch batch) {
    this.batch = batch;
  }

  /// Whether a command of this group changed an app or a key.
  public boolean changed() {
    return changed;
  }

  public Outcome bootstrap(Stamp stamp, Bootstrap command) {
    if (batch.get(Table.META, CELL) != null) {
      return new Outcome.Refused(new Refusal.AlreadyExists("cell"));
    }
    EpochRecord epoch =
        EpochRecord.newBuilder().setId(command.getEpoch()).setFirstOffset(stamp.offset()).build();
    putCell(CellRecord.newBuilder().setAdminKey(command.getAdminKey()).addEpochs(epoch).build());
    return create(stamp, command.getApp());
  }

  public Outcome create(Stamp stamp, CreateApp command) {
    CellRecord cell = cell();
    for (int number = 1; number <= cell.getLastApp(); number++) {
      String taken = taken(record(number).getSettings(), command);
      if (taken != null) {
        return new Outcome.Refused(new Refusal.AlreadyExists(taken));
      }
    }
    int number = cell.getLastApp() + 1;
    putCell(cell.toBuilder().setLastApp(number).build());
    put(
        AppRecord.newBuilder()
            .setNumber(number)
            .setSettings(command)
            .setCreated(stamp.time())
            .build());
    return new Outcome.Done();
  }

  /// What a new app would share with an existing one, or null. Access keys may own several apps.
  private static @Nullable String taken(CreateApp existing, CreateApp added) {
    if (existing.getId().equals(added.getId())) {
      return "id";
    }
    if (added.getVolcengineAppId() != 0
        && existing.getVolcengineAppId() == added.getVolcengineAppId()) {
      return "volcengine.appId";
    }
    if (added.getTencentSdkAppId() != 0
        && existing.getTencentSdkAppId() == added.getTencentSdkAppId()) {
      return "tencent.sdkAppId";
    }
    return null;
  }

  public Outcome setAttributeNames(int app, SetAttributeNames command) {
    put(
        record(app).toBuilder()
            .clearAttributeNames()
            .addAllAttributeNames(command.getNamesList())
            .build());
    return new Outcome.Done();
  }

  /// The record of an app that exists.
  public AppRecord record(int number) {
    return records.computeIfAbsent(
        number,
        _ -> {
          byte[] stored = batch.get(Table.APP, Key.bytes(number));
          if (stored == null) {
            throw new IllegalStateException("no app has number " + number);
          }
          return Tenants.parse(stored);
        });
  }

  public AppCounters counters(int app) {
    byte[] stored = batch.get(Table.COUNTERS, Key.bytes(app));
    try {
      return stored == null ? AppCounters.getDefaultInstance() : AppCounters.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("an app's counters are damaged", e);
    }
  }

  public void putCounters(int app, AppCounters counters) {
    batch.put(Table.COUNTERS, Key.bytes(app), counters.toByteArray());
  }

  /// A number for a broadcast's message, above every one given before. It grows with journal time
  /// and stays below 2⁵³ until the year 2039, so that JavaScript clients see it whole.
  public long nextMessageNumber(Stamp stamp) {
    CellRecord cell = cell();
    long number = Math.max(cell.getLastMessageNumber() + 1, stamp.time() * 4_096);
    putCell(cell.toBuilder().setLastMessageNumber(number).build());
    return number;
  }

  private CellRecord cell() {
    byte[] stored = batch.get(Table.META, CELL);
    if (stored == null) {
      throw new IllegalStateException("the cell was not bootstrapped");
    }
    return Cell.parse(stored);
  }

  private void putCell(CellRecord cell) {
    batch.put(Table.META, CELL, cell.toByteArray());
  }

  private void put(AppRecord app) {
    changed = true;
    records.put(app.getNumber(), app);
    batch.put(Table.APP, Key.bytes(app.getNumber()), app.toByteArray());
  }
}
