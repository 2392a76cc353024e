package dev.fanfare.replica;

import dev.fanfare.app.AppCommands;
import dev.fanfare.app.CellCommands;
import dev.fanfare.app.KeyCommands;
import dev.fanfare.audience.AudienceException;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.audience.Deltas;
import dev.fanfare.audience.Index;
import dev.fanfare.audience.Selection;
import dev.fanfare.audience.UnknownAttributeException;
import dev.fanfare.audit.AuditLog;
import dev.fanfare.broadcast.BroadcastCommands;
import dev.fanfare.broadcast.ReceiptCommands;
import dev.fanfare.broadcast.Timeline;
import dev.fanfare.broadcast.Unreached;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.journal.UnknownEntryException;
import dev.fanfare.member.ConnectionId;
import dev.fanfare.member.MemberCommands;
import dev.fanfare.member.ScanCommands;
import dev.fanfare.member.TagCommands;
import dev.fanfare.schema.Applied;
import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.Bootstrap;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.Command;
import dev.fanfare.store.Batch;
import dev.fanfare.webhook.Events;
import dev.fanfare.webhook.WebhookCommands;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.roaringbitmap.RoaringBitmap;

/// The entries that are committed together: one batch, and what memory has to learn after the
/// commit. Owned by the applier's thread.
final class Group {
  /// The highest level of rules that this version knows.
  static final int LEVEL = 1;

  private final Batch batch;
  private final Index index;
  private final Deltas deltas = new Deltas();
  private final AppCommands apps;
  private final CellCommands cell;
  private final KeyCommands keys;
  private final MemberCommands members;
  private final ScanCommands scans;
  private final TagCommands tags;
  private final AuditLog audit;
  private final BroadcastCommands broadcasts;
  private final ReceiptCommands receipts;
  private final NavigableMap<Long, List<Timeline.Removal>> ended = new TreeMap<>();
  private final Unreached unreached;
  private final WebhookCommands webhooks;
  private final Purging purging;
  private Applied applied;

  Group(Batch batch, Applied applied, Index index) {
    this.batch = batch;
    this.applied = applied;
    this.index = index;
    this.apps = new AppCommands(batch);
    this.cell = new CellCommands(batch);
    this.keys = new KeyCommands(apps);
    this.members = new MemberCommands(batch, apps, deltas);
    this.scans = new ScanCommands(batch, apps, this::select);
    this.tags =
        new TagCommands(batch, apps, deltas, term -> index.evaluate(new Selection.Has(term)));
    this.audit = new AuditLog(batch, apps);
    Events events = new Events(batch);
    this.broadcasts = new BroadcastCommands(batch, apps, this::select, events);
    this.receipts = new ReceiptCommands(batch, events);
    this.unreached = new Unreached(batch, apps, events);
    this.webhooks = new WebhookCommands(batch);
    this.purging = new Purging(batch, apps, scans);
  }

  Batch batch() {
    return batch;
  }

  Applied applied() {
    return applied;
  }

  Deltas deltas() {
    return deltas;
  }

  /// Adds to the batch what is kept until all entries were applied.
  void seal() {
    apps.writeCounters();
  }

  Set<Long> touched() {
    return broadcasts.touched();
  }

  boolean changedApps() {
    return apps.changed() || cell.changed();
  }

  NavigableMap<Long, List<Timeline.Removal>> removals() {
    NavigableMap<Long, List<Timeline.Removal>> removals = new TreeMap<>(ended);
    for (MemberCommands.Revoked revoked : members.revocations()) {
      removals
          .computeIfAbsent(revoked.offset(), _ -> new ArrayList<>())
          .add(
              new Timeline.Removal.OfMember(revoked.app(), revoked.ordinal(), revoked.notBefore()));
    }
    return removals;
  }

  /// Those that evaluate an audience, and those that scan what an earlier command of theirs wrote.
  static boolean readsCommitted(Command command) {
    return switch (command.getKindCase()) {
      case START_BROADCAST,
          START_DUE,
          START_SCAN,
          REMOVE_TAG,
          TIDY_TAG,
          REMOVE_WEBHOOK,
          PASS_WEBHOOK,
          PURGE ->
          true;
      default -> false;
    };
  }

  Outcome apply(Stamp stamp, Command command) {
    Outcome outcome = judge(stamp, command);
    audit.note(stamp, command, outcome);
    apps.takeNarrowed(Instant.ofEpochMilli(stamp.time()))
        .forEach((app, left) -> ended(stamp).add(new Timeline.Removal.OfKeys(app, left)));
    applied = applied.toBuilder().setOffset(stamp.offset()).setTime(stamp.time()).build();
    return outcome;
  }

  private Outcome judge(Stamp stamp, Command command) {
    int app = command.getApp();
    return switch (command.getKindCase()) {
      case SET_LEVEL -> setLevel(command.getSetLevel().getLevel());
      case BOOTSTRAP -> bootstrap(stamp, command.getBootstrap());
      case CREATE_APP -> apps.create(stamp, command.getCreateApp());
      case SET_ATTRIBUTE_NAMES -> apps.setAttributeNames(app, command.getSetAttributeNames());
      case CHANGE_APP -> apps.change(app, command.getChangeApp());
      case CHANGE_LIMITS -> apps.changeLimits(app, command.getChangeLimits());
      case ADD_KEY -> keys.add(stamp, app, command.getAddKey());
      case CHANGE_KEY -> keys.change(app, command.getChangeKey());
      case REMOVE_KEY -> keys.remove(app, command.getRemoveKey());
      case CHANGE_MEMBERS -> members.change(stamp, app, command.getChangeMembers());
      case START_SCAN -> scans.start(stamp, app, command.getStartScan());
      case END_SCAN -> scans.end(stamp, app, command.getEndScan().getId());
      case REMOVE_TAG -> tags.remove(stamp, app, command.getRemoveTag());
      case TIDY_TAG -> tags.tidy(app, command.getTidyTag());
      case REVOKE_CREDENTIALS ->
          members.revokeCredentials(stamp, app, command.getRevokeCredentials().getId());
      case END_CONNECTION -> endConnection(stamp, app, command.getEndConnection().getId());
      case START_BROADCAST -> broadcasts.start(stamp, app, command.getStartBroadcast());
      case START_DUE -> broadcasts.startDue(stamp, command.getStartDue().getBroadcast());
      case RELEASE ->
          broadcasts.release(
              stamp, command.getRelease().getBroadcast(), command.getRelease().getSlice());
      case PAUSE -> broadcasts.pause(stamp, command.getPause().getBroadcast());
      case RESUME -> broadcasts.resume(stamp, command.getResume().getBroadcast());
      case SET_PACE ->
          broadcasts.setPace(
              stamp, command.getSetPace().getBroadcast(), command.getSetPace().getPace());
      case RECALL -> broadcasts.recall(stamp, command.getRecall().getBroadcast());
      case CANCEL -> broadcasts.cancel(stamp, command.getCancel().getBroadcast());
      case EXPIRE -> broadcasts.expire(stamp, command.getExpire().getBroadcast());
      case RECEIPTS -> receipts.apply(stamp, command.getReceipts());
      case FIX_UNREACHED -> unreached.fix(stamp, command.getFixUnreached());
      case ADD_WEBHOOK -> webhooks.add(stamp, app, command.getAddWebhook());
      case REMOVE_WEBHOOK -> webhooks.remove(app, command.getRemoveWebhook());
      case PASS_WEBHOOK -> webhooks.pass(app, command.getPassWebhook());
      case PURGE -> purging.purge(stamp, app, command.getPurge().getKeys());
      case OPEN_EPOCH -> cell.open(stamp, command.getOpenEpoch());
      case BEGIN_FROM_BACKUP -> cell.begin(stamp, command.getBeginFromBackup());
      case NOTE_BACKUP -> cell.note(stamp, command.getNoteBackup());
      case TICK, MARK -> new Outcome.Done();
      case KIND_NOT_SET ->
          throw new UnknownEntryException("a newer version wrote a command that this one lacks");
    };
  }

  /// Changes nothing that is stored: the node that has the connection ends it.
  private Outcome endConnection(Stamp stamp, int app, String id) {
    ConnectionId.parse(id)
        .ifPresent(
            connection -> ended(stamp).add(new Timeline.Removal.OfConnection(app, connection)));
    return new Outcome.Done();
  }

  private List<Timeline.Removal> ended(Stamp stamp) {
    return ended.computeIfAbsent(stamp.offset(), _ -> new ArrayList<>());
  }

  private Outcome bootstrap(Stamp stamp, Bootstrap command) {
    Outcome outcome = apps.bootstrap(stamp, command);
    return outcome instanceof Outcome.Refused ? outcome : setLevel(command.getLevel());
  }

  private Outcome setLevel(int level) {
    requireKnownLevel(level);
    applied = applied.toBuilder().setLevel(level).build();
    return new Outcome.Done();
  }

  /// @throws UnknownEntryException when only a newer version knows these rules
  static void requireKnownLevel(int level) {
    if (level > LEVEL) {
      throw new UnknownEntryException(
          "the journal is at level " + level + " of its rules; this version knows level " + LEVEL);
    }
  }

  private BroadcastCommands.Selected select(BroadcastRecord broadcast) {
    try {
      OpenResolver resolver =
          new OpenResolver(broadcast.getApp(), broadcast.getAttributeNamesList());
      return new BroadcastCommands.Selected(
          Optional.empty(), select(broadcast.getAudience(), resolver));
    } catch (UnknownAttributeException e) {
      return new BroadcastCommands.Selected(
          Optional.of(new Refusal.UnknownAttribute(e.attribute())), new RoaringBitmap());
    } catch (AudienceException e) {
      return new BroadcastCommands.Selected(
          Optional.of(new Refusal.InvalidAudience(e.reason())), new RoaringBitmap());
    }
  }

  private RoaringBitmap select(int app, AudienceNode audience) {
    return select(audience, new OpenResolver(app, apps.record(app).getAttributeNamesList()));
  }

  private RoaringBitmap select(AudienceNode audience, Selection.Resolver resolver) {
    return index.evaluate(Selection.resolve(AudienceSchema.decode(audience), resolver));
  }

  /// Resolves names as they were when the broadcast was accepted, and members as they are now.
  private final class OpenResolver implements Selection.Resolver {
    private final int app;
    private final List<String> attributeNames;

    OpenResolver(int app, List<String> attributeNames) {
      this.app = app;
      this.attributeNames = attributeNames;
    }

    @Override
    public int app() {
      return app;
    }

    @Override
    public OptionalInt slot(String attributeName) {
      int slot = attributeNames.indexOf(attributeName);
      return slot < 0 ? OptionalInt.empty() : OptionalInt.of(slot);
    }

    @Override
    public OptionalInt ordinal(String memberId) {
      return members.ordinal(app, memberId);
    }
  }
}
