package dev.fanfare.broadcast;

import dev.fanfare.app.AppCommands;
import dev.fanfare.app.DailyBudgets;
import dev.fanfare.app.PushLimits;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.AppCounters;
import dev.fanfare.schema.AppRecord;
import dev.fanfare.schema.BroadcastProgress;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Table;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.RoaringBitmap;

/// Applies the life of broadcasts into one group's batch. Owned by the applier's thread.
///
/// ```
/// scheduled → running ⇄ paused → completed
/// cancelled from scheduled; recalled from running, paused, completed; expired from running, paused
/// ```
///
/// Recipients are frozen by the entry that starts the broadcast and handed out by slices, each an
/// entry of its own. What timers propose is judged by journal time alone: early, late or twice, it
/// is refused with [Refusal.NotDue] and changes nothing.
public final class BroadcastCommands {
  private final Batch batch;
  private final AppCommands apps;
  private final Selector selector;
  private final Duplicates duplicates;
  private final Slices slices;
  private final Places places;
  private final Progresses progresses;
  private final DailyBudgets budgets;
  private final Set<Long> touched = new LinkedHashSet<>();

  /// Evaluates the audience of a broadcast on the committed index.
  public interface Selector {
    /// The recipients, or the refusal that the audience brings.
    Selected select(BroadcastRecord broadcast);
  }

  /// Either a refusal or the recipients.
  public record Selected(Optional<Refusal> refusal, RoaringBitmap recipients) {}

  public BroadcastCommands(
      Batch batch, AppCommands apps, Selector selector, BroadcastEvents events) {
    this.batch = batch;
    this.apps = apps;
    this.selector = selector;
    this.duplicates = new Duplicates(batch);
    this.slices = new Slices(batch, apps);
    this.progresses = new Progresses(batch, events);
    this.places = new Places(batch, apps, progresses, touched);
    this.budgets = new DailyBudgets(batch, apps);
  }

  /// Numbers of the broadcasts that this group changed in a way that the timeline shows.
  public Set<Long> touched() {
    return touched;
  }

  public Outcome start(Stamp stamp, int app, StartBroadcast command) {
    var finding = duplicates.find(stamp, app, command.getDuplicateKeysList());
    if (finding.refusal().isPresent()) {
      return new Outcome.Refused(finding.refusal().get());
    }
    if (finding.broadcast().isPresent()) {
      BroadcastRecord earlier = record(finding.broadcast().getAsLong());
      if (earlier != null) {
        duplicates.rememberCall(stamp, app, command.getDuplicateKeysList(), earlier.getNumber());
        return new Outcome.Started(earlier.getId(), true);
      }
    }
    AppRecord tenant = apps.record(app);
    AppCounters counters = apps.counters(app);
    int limit = tenant.getSettings().getLimits().getLiveBroadcasts();
    boolean scheduled = command.getStartAt() > stamp.time();
    boolean live = command.getLifetimeSeconds() > 0 || scheduled;
    if (live && counters.getLiveBroadcasts() >= limit) {
      return new Outcome.Refused(new Refusal.TooManyLiveBroadcasts(limit));
    }
    Optional<Refusal> overBudget = budgets.refusal(stamp, app, command.getAccessKey());
    if (overBudget.isPresent()) {
      return new Outcome.Refused(overBudget.get());
    }
    BroadcastRecord broadcast = accept(stamp, tenant, command);
    BroadcastProgress.Builder progress =
        BroadcastProgress.newBuilder()
            .setState(BroadcastState.SCHEDULED)
            .setPace(command.getPace())
            .setLive(live);
    Selected selected = selector.select(broadcast);
    if (selected.refusal().isPresent()) {
      return new Outcome.Refused(selected.refusal().get());
    }
    PushLimits pushes = new PushLimits(stamp, tenant.getSettings().getLimits(), counters);
    Optional<Refusal> refused = command.getAllMemberPush() ? pushes.refusal() : Optional.empty();
    if (refused.isPresent()) {
      return new Outcome.Refused(refused.get());
    }
    if (!scheduled) {
      begin(stamp, broadcast, progress, selected.recipients());
    }
    create(stamp, broadcast, command);
    budgets.count(stamp, app, command.getAccessKey());
    if (command.getAllMemberPush()) {
      apps.putCounters(app, pushes.counted());
    }
    places.enter(broadcast, progress.getLive());
    touched.add(broadcast.getNumber());
    progresses.create(stamp, broadcast.getNumber(), progress);
    return new Outcome.Started(broadcast.getId(), false);
  }

  private void begin(
      Stamp stamp,
      BroadcastRecord broadcast,
      BroadcastProgress.Builder progress,
      RoaringBitmap recipients) {
    slices.begin(stamp, broadcast, progress, recipients);
    if (broadcast.getLifetimeSeconds() == 0) {
      places.uncount(broadcast, progress);
      places.keepUncounted(stamp, broadcast);
    }
  }

  private BroadcastRecord accept(Stamp stamp, AppRecord app, StartBroadcast command) {
    return BroadcastRecord.newBuilder()
        .setNumber(stamp.offset())
        .setApp(app.getNumber())
        .setId(command.getId())
        .setSender(command.getSender())
        .setFormat(command.getFormat())
        .setMessage(command.getMessage())
        .setLifetimeSeconds(command.getLifetimeSeconds())
        .setAudience(command.getAudience())
        .setCreated(stamp.time())
        .setStartAt(command.getStartAt())
        .setPivot(command.getPivot())
        .setRepeatableUntil(
            Duplicates.until(stamp, command.getDuplicateKeysList(), app.getSettings().getLimits()))
        .addAllAttributeNames(app.getAttributeNamesList())
        .build();
  }

  private void create(Stamp stamp, BroadcastRecord accepted, StartBroadcast command) {
    int app = accepted.getApp();
    long number = accepted.getNumber();
    BroadcastRecord broadcast =
        accepted.toBuilder().setMessageNumber(apps.nextMessageNumber(stamp)).build();
    batch.put(Table.BROADCAST, Key.bytes(number), broadcast.toByteArray());
    batch.put(Table.BROADCAST_ID, BroadcastTables.idKey(app, broadcast.getId()), Key.bytes(number));
    batch.put(Table.WITH_RECEIPTS, BroadcastTables.liveKey(app, number), new byte[0]);
    batch.put(Table.NEWEST, BroadcastTables.newestKey(app, number), new byte[0]);
    duplicates.remember(
        stamp, app, command.getDuplicateKeysList(), apps.record(app).getSettings().getLimits());
  }

  public Outcome release(Stamp stamp, long number, int slice) {
    BroadcastRecord broadcast = record(number);
    if (broadcast == null) {
      return refused(new Refusal.BroadcastNotFound());
    }
    BroadcastProgress.Builder progress = progress(number);
    boolean due =
        progress.getState() == BroadcastState.RUNNING
            && slice == progress.getNextSlice()
            && stamp.time() >= progress.getNextDue()
            && !Lifetime.isOver(progress, stamp.time());
    if (!due) {
      return refused(new Refusal.NotDue());
    }
    slices.release(stamp, broadcast, progress);
    return put(stamp, number, progress);
  }

  public Outcome startDue(Stamp stamp, long number) {
    BroadcastRecord broadcast = record(number);
    if (broadcast == null) {
      return refused(new Refusal.BroadcastNotFound());
    }
    BroadcastProgress.Builder progress = progress(number);
    if (progress.getState() != BroadcastState.SCHEDULED || stamp.time() < broadcast.getStartAt()) {
      return refused(new Refusal.NotDue());
    }
    begin(stamp, broadcast, progress, selector.select(broadcast).recipients());
    return put(stamp, number, progress);
  }

  public Outcome pause(Stamp stamp, long number) {
    BroadcastProgress.Builder progress = progressOrNull(number);
    if (progress == null) {
      return refused(new Refusal.BroadcastNotFound());
    }
    return switch (progress.getState()) {
      case RUNNING -> put(stamp, number, progress.setState(BroadcastState.PAUSED));
      case PAUSED -> new Outcome.Done();
      default -> illegal(progress);
    };
  }

  public Outcome resume(Stamp stamp, long number) {
    BroadcastProgress.Builder progress = progressOrNull(number);
    if (progress == null) {
      return refused(new Refusal.BroadcastNotFound());
    }
    return switch (progress.getState()) {
      case PAUSED ->
          put(stamp, number, progress.setState(BroadcastState.RUNNING).setNextDue(stamp.time()));
      case RUNNING -> new Outcome.Done();
      default -> illegal(progress);
    };
  }

  public Outcome setPace(Stamp stamp, long number, int perSecond) {
    BroadcastProgress.Builder progress = progressOrNull(number);
    if (progress == null) {
      return refused(new Refusal.BroadcastNotFound());
    }
    return switch (progress.getState()) {
      case SCHEDULED -> put(stamp, number, progress.setPace(perSecond));
      case RUNNING, PAUSED -> {
        int remaining = progress.getRecipients() - progress.getReleased();
        long tick = Pace.of(perSecond, remaining).tickMillis();
        yield put(
            stamp,
            number,
            progress
                .setPace(perSecond)
                .setTick(tick)
                .setNextDue(Math.min(progress.getNextDue(), stamp.time() + tick)));
      }
      default -> illegal(progress);
    };
  }

  public Outcome recall(Stamp stamp, long number) {
    BroadcastRecord broadcast = record(number);
    if (broadcast == null) {
      return refused(new Refusal.BroadcastNotFound());
    }
    BroadcastProgress.Builder progress = progress(number);
    return switch (progress.getState()) {
      case RUNNING, PAUSED, COMPLETED -> {
        boolean tellable = places.has(broadcast) && stamp.time() <= Lifetime.lastRecall(progress);
        if (!tellable) {
          yield illegal(progress);
        }
        yield put(
            stamp,
            number,
            progress.setState(BroadcastState.RECALLED).setRecalledAt(stamp.offset()));
      }
      case RECALLED -> new Outcome.Done();
      default -> illegal(progress);
    };
  }

  public Outcome cancel(Stamp stamp, long number) {
    BroadcastRecord broadcast = record(number);
    if (broadcast == null) {
      return refused(new Refusal.BroadcastNotFound());
    }
    BroadcastProgress.Builder progress = progress(number);
    return switch (progress.getState()) {
      case SCHEDULED -> {
        places.uncount(broadcast, progress);
        places.leave(stamp, broadcast, progress);
        yield put(stamp, number, progress.setState(BroadcastState.CANCELLED));
      }
      case CANCELLED -> new Outcome.Done();
      default -> illegal(progress);
    };
  }

  /// Ends the life of a broadcast, and later, when it cannot be recalled any more, its place in the
  /// timeline.
  public Outcome expire(Stamp stamp, long number) {
    BroadcastRecord broadcast = record(number);
    if (broadcast == null) {
      return refused(new Refusal.BroadcastNotFound());
    }
    BroadcastProgress.Builder progress = progress(number);
    boolean changed = false;
    if (Lifetime.isOver(progress, stamp.time())) {
      changed = places.uncount(broadcast, progress);
      if (changed) {
        places.keepUncounted(stamp, broadcast);
      }
      if (progress.getState() == BroadcastState.RUNNING
          || progress.getState() == BroadcastState.PAUSED) {
        progress.setState(BroadcastState.EXPIRED).setNextDue(0);
        changed = true;
      }
    }
    if (progress.getStarted() > 0
        && stamp.time() > Lifetime.lastRecall(progress)
        && places.has(broadcast)) {
      places.leave(stamp, broadcast, progress);
      changed = true;
    }
    return changed ? put(stamp, number, progress) : refused(new Refusal.NotDue());
  }

  private @Nullable BroadcastRecord record(long number) {
    return BroadcastTables.broadcast(batch.get(Table.BROADCAST, Key.bytes(number)));
  }

  private BroadcastProgress.Builder progress(long number) {
    return progresses.read(number).toBuilder();
  }

  private BroadcastProgress.@Nullable Builder progressOrNull(long number) {
    return record(number) == null ? null : progress(number);
  }

  private Outcome put(Stamp stamp, long number, BroadcastProgress.Builder progress) {
    touched.add(number);
    progresses.write(stamp, number, progress);
    return new Outcome.Done();
  }

  private static Outcome illegal(BroadcastProgress.Builder progress) {
    return refused(
        new Refusal.IllegalTransition(progress.getState().name().toLowerCase(Locale.ROOT)));
  }

  private static Outcome refused(Refusal refusal) {
    return new Outcome.Refused(refusal);
  }
}
