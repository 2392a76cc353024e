package dev.fanfare.app;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.journal.UnknownEntryException;
import dev.fanfare.schema.AccountType;
import dev.fanfare.schema.AppCounters;
import dev.fanfare.schema.AppRecord;
import dev.fanfare.schema.Bootstrap;
import dev.fanfare.schema.CellRecord;
import dev.fanfare.schema.ChangeApp;
import dev.fanfare.schema.ChangeLimits;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.schema.EpochRecord;
import dev.fanfare.schema.LimitEdit;
import dev.fanfare.schema.Limits;
import dev.fanfare.schema.SetAttributeNames;
import dev.fanfare.schema.SlotName;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Applies the commands that concern the cell and its apps, and keeps the apps' counters, all in
/// one group's batch. Owned by the applier's thread.
public final class AppCommands {
  public static final int ATTRIBUTE_SLOTS = 10;

  static final byte[] CELL = Key.bytes("cell");

  private final Batch batch;
  private final Map<Integer, AppRecord> records = new HashMap<>();
  private final Map<Integer, AppCounters> counters = new HashMap<>();
  private final Set<Integer> counted = new HashSet<>();
  private final Set<Integer> narrowed = new TreeSet<>();
  private boolean changed;

  public AppCommands(Batch batch) {
    this.batch = batch;
  }

  /// Whether a command of this group changed an app or a key.
  public boolean changed() {
    return changed;
  }

  /// The apps that the commands since the last call disabled or took keys from, each with the keys
  /// left whose credentials hold.
  ///
  /// @param now journal time
  public Map<Integer, Set<SigningKey>> takeNarrowed(Instant now) {
    Map<Integer, Set<SigningKey>> left = new TreeMap<>();
    narrowed.forEach(app -> left.put(app, SigningKey.of(record(app), now)));
    narrowed.clear();
    return left;
  }

  public Outcome bootstrap(Stamp stamp, Bootstrap command) {
    if (batch.get(Table.META, CELL) != null) {
      return new Outcome.Refused(new Refusal.AlreadyExists("cell"));
    }
    EpochRecord epoch =
        EpochRecord.newBuilder().setId(command.getEpoch()).setFirstOffset(stamp.offset()).build();
    putCell(CellRecord.newBuilder().setAdminKey(command.getAdminKey()).addEpochs(epoch).build());
    Outcome outcome = create(stamp, command.getApp());
    if (outcome instanceof Outcome.Refused) {
      batch.delete(Table.META, CELL);
    }
    return outcome;
  }

  public Outcome create(Stamp stamp, CreateApp command) {
    Optional<Refusal> taken = taken(0, command);
    if (taken.isPresent()) {
      return new Outcome.Refused(taken.get());
    }
    var added = new KeyCommands(this).addAll(stamp, command);
    if (added.refusal().isPresent()) {
      return new Outcome.Refused(added.refusal().get());
    }
    CellRecord cell = cell();
    int number = cell.getLastApp() + 1;
    putCell(cell.toBuilder().setLastApp(number).build());
    put(
        AppRecord.newBuilder()
            .setNumber(number)
            .setSettings(added.settings())
            .setCreated(stamp.time())
            .build());
    return new Outcome.Done();
  }

  /// What an app would share with another one that must not be shared.
  ///
  /// @param number of the app itself; 0 for a new one
  private Optional<Refusal> taken(int number, CreateApp wanted) {
    return all().stream()
        .filter(app -> app.getNumber() != number)
        .map(app -> taken(app.getSettings(), wanted))
        .filter(what -> !what.isEmpty())
        .map(what -> (Refusal) new Refusal.AlreadyExists(what))
        .findFirst();
  }

  private static String taken(CreateApp existing, CreateApp wanted) {
    if (existing.getId().equals(wanted.getId())) {
      return "id";
    }
    if (wanted.getVolcengineAppId() != 0
        && existing.getVolcengineAppId() == wanted.getVolcengineAppId()) {
      return "volcengine.appId";
    }
    boolean sdkAppId =
        wanted.getTencentSdkAppId() != 0
            && existing.getTencentSdkAppId() == wanted.getTencentSdkAppId();
    return sdkAppId ? "tencent.sdkAppId" : "";
  }

  public Outcome change(int app, ChangeApp command) {
    AppRecord.Builder changed = record(app).toBuilder();
    CreateApp.Builder settings = changed.getSettingsBuilder();
    if (command.hasDisabled()) {
      changed.setDisabled(command.getDisabled());
    }
    if (command.hasVolcengineAppId()) {
      settings.setVolcengineAppId(command.getVolcengineAppId());
    }
    if (command.hasTencentSdkAppId()) {
      settings.setTencentSdkAppId(command.getTencentSdkAppId());
    }
    if (command.hasTencentAdministrators()) {
      settings
          .clearTencentAdministrators()
          .addAllTencentAdministrators(command.getTencentAdministrators().getNamesList());
    }
    if (command.hasTencentCallers()) {
      settings
          .clearTencentCallers()
          .addAllTencentCallers(command.getTencentCallers().getNetworksList());
    }
    if (command.hasLimits()) {
      settings.setLimits(command.getLimits());
    }
    if (command.hasOrigins()) {
      settings.clearOrigins().addAllOrigins(command.getOrigins().getValuesList());
    }
    Optional<Refusal> taken = taken(app, settings.build());
    if (taken.isPresent()) {
      return new Outcome.Refused(taken.get());
    }
    put(changed.build());
    return new Outcome.Done();
  }

  /// Sets single limits.
  ///
  /// @throws UnknownEntryException when only a newer version knows such a limit
  public Outcome changeLimits(int app, ChangeLimits command) {
    AppRecord.Builder changed = record(app).toBuilder();
    Limits.Builder limits = changed.getSettingsBuilder().getLimitsBuilder();
    for (LimitEdit edit : command.getEditsList()) {
      AppLimit.named(edit.getName())
          .orElseThrow(
              () -> new UnknownEntryException("a newer version wrote the limit " + edit.getName()))
          .set(limits, edit.getValue());
    }
    put(changed.build());
    return new Outcome.Done();
  }

  /// Names all slots, or some of them.
  public Outcome setAttributeNames(int app, SetAttributeNames command) {
    AppRecord record = record(app);
    List<String> names = new ArrayList<>(command.getNamesList());
    if (command.getChangesCount() > 0) {
      names.addAll(record.getAttributeNamesList());
      names.addAll(Collections.nCopies(ATTRIBUTE_SLOTS - names.size(), ""));
      command.getChangesList().forEach(change -> names.set(change.getSlot(), change.getName()));
    }
    for (String name : names) {
      if (!name.isEmpty() && Collections.frequency(names, name) > 1) {
        return new Outcome.Refused(new Refusal.AttributeNameTaken(name));
      }
    }
    Set<Integer> registrationIds = new TreeSet<>(record.getRegistrationIdSlotsList());
    for (SlotName change : command.getChangesList()) {
      boolean changed =
          change.hasAccountType()
              && registrationIds.contains(change.getSlot())
                  != (change.getAccountType() == AccountType.REGISTRATION_ID);
      if (changed && named(record, change.getSlot())) {
        return new Outcome.Refused(new Refusal.AttributeTypeFixed(change.getName()));
      }
      if (changed) {
        registrationIds.add(change.getSlot());
      }
    }
    registrationIds.removeIf(slot -> slot >= names.size() || names.get(slot).isEmpty());
    put(
        record.toBuilder()
            .clearAttributeNames()
            .addAllAttributeNames(names)
            .clearRegistrationIdSlots()
            .addAllRegistrationIdSlots(registrationIds)
            .build());
    return new Outcome.Done();
  }

  private static boolean named(AppRecord app, int slot) {
    return slot < app.getAttributeNamesCount() && !app.getAttributeNames(slot).isEmpty();
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

  /// The records of all apps, by number.
  List<AppRecord> all() {
    return IntStream.rangeClosed(1, cell().getLastApp()).mapToObj(this::record).toList();
  }

  String adminKey() {
    return cell().getAdminKey();
  }

  public AppCounters counters(int app) {
    return counters.computeIfAbsent(app, this::readCounters);
  }

  private AppCounters readCounters(int app) {
    return parseCounters(batch.get(Table.COUNTERS, Key.bytes(app)));
  }

  /// Reads the counters of an app, which has none before its first change.
  public static AppCounters parseCounters(byte @Nullable [] stored) {
    try {
      return stored == null ? AppCounters.getDefaultInstance() : AppCounters.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("an app's counters are damaged", e);
    }
  }

  /// Changes an app's counters, for this group at once and in its batch with [#writeCounters].
  public void putCounters(int app, AppCounters changed) {
    counters.put(app, changed);
    counted.add(app);
  }

  /// Adds the counters that changed to the batch. They change with nearly every member.
  public void writeCounters() {
    counted.forEach(app -> batch.put(Table.COUNTERS, Key.bytes(app), counters(app).toByteArray()));
    counted.clear();
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

  public void put(AppRecord app) {
    changed = true;
    AppRecord before = records.put(app.getNumber(), app);
    if (before != null && SigningKey.narrows(before, app)) {
      narrowed.add(app.getNumber());
    }
    batch.put(Table.APP, Key.bytes(app.getNumber()), app.toByteArray());
  }
}
