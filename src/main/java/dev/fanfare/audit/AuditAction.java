package dev.fanfare.audit;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.journal.Outcome;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.LimitEdit;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// What the audit says of a command: names, never contents.
///
/// @param name stable, such as `key.add`
/// @param target what it was done to; empty for the app itself
/// @param members how many members were changed; 0 for other actions
record AuditAction(String name, String target, int members) {
  static final String MEMBERS_CHANGE = "members.change";

  private static AuditAction on(String target, String name) {
    return new AuditAction(name, target, 0);
  }

  /// Empty for what nobody has to answer for: refusals, repetitions, what the server proposes.
  static Optional<AuditAction> of(Command command, Outcome outcome, Batch batch) {
    return switch (outcome) {
      case Outcome.Refused _ -> Optional.empty();
      case Outcome.Members(var refusals) -> {
        int changed = (int) refusals.stream().filter(Optional::isEmpty).count();
        yield changed == 0
            ? Optional.empty()
            : Optional.of(new AuditAction(MEMBERS_CHANGE, "", changed));
      }
      case Outcome.Started(String id, boolean repeated) ->
          repeated ? Optional.empty() : Optional.of(on(id, "broadcast.send"));
      case Outcome.Done _ -> done(command, batch);
    };
  }

  private static Optional<AuditAction> done(Command command, Batch batch) {
    return Optional.ofNullable(
        switch (command.getKindCase()) {
          case CREATE_APP -> on(command.getCreateApp().getId(), "app.create");
          case CHANGE_APP -> on("", "app.change");
          case CHANGE_LIMITS ->
              on(
                  command.getChangeLimits().getEditsList().stream()
                      .map(LimitEdit::getName)
                      .collect(Collectors.joining(", ")),
                  "limits.change");
          case SET_ATTRIBUTE_NAMES -> on("", "attributes.set");
          case ADD_KEY -> {
            AppKey key = command.getAddKey().getKey();
            yield on(key(key.getKind(), key.getName()), "key.add");
          }
          case CHANGE_KEY ->
              on(
                  key(command.getChangeKey().getKind(), command.getChangeKey().getName()),
                  "key.change");
          case REMOVE_KEY ->
              on(
                  key(command.getRemoveKey().getKind(), command.getRemoveKey().getName()),
                  "key.remove");
          case REMOVE_TAG -> on(command.getRemoveTag().getName(), "tag.remove");
          case REVOKE_CREDENTIALS -> on(command.getRevokeCredentials().getId(), "member.kick");
          case END_CONNECTION -> on(command.getEndConnection().getId(), "session.end");
          case ADD_WEBHOOK -> on(command.getAddWebhook().getId(), "webhook.add");
          case OPEN_EPOCH -> on(command.getOpenEpoch().getId(), "epoch.open");
          case BEGIN_FROM_BACKUP -> on(command.getBeginFromBackup().getEpoch(), "epoch.open");
          case NOTE_BACKUP -> on(command.getNoteBackup().getDirectory(), "backup.make");
          case REMOVE_WEBHOOK -> on(command.getRemoveWebhook().getId(), "webhook.remove");
          case PAUSE -> broadcast(batch, command.getPause().getBroadcast(), "pause");
          case RESUME -> broadcast(batch, command.getResume().getBroadcast(), "resume");
          case SET_PACE -> broadcast(batch, command.getSetPace().getBroadcast(), "pace");
          case RECALL -> broadcast(batch, command.getRecall().getBroadcast(), "recall");
          case CANCEL -> broadcast(batch, command.getCancel().getBroadcast(), "cancel");
          case CHANGE_MEMBERS,
              START_BROADCAST,
              SET_LEVEL,
              BOOTSTRAP,
              START_SCAN,
              END_SCAN,
              TIDY_TAG,
              RELEASE,
              START_DUE,
              EXPIRE,
              RECEIPTS,
              FIX_UNREACHED,
              PASS_WEBHOOK,
              PURGE,
              TICK,
              MARK,
              KIND_NOT_SET ->
              null;
        });
  }

  private static String key(AppKey.Kind kind, String name) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-') + "/" + name;
  }

  private static AuditAction broadcast(Batch batch, long number, String verb) {
    byte[] stored = batch.get(Table.BROADCAST, Key.bytes(number));
    try {
      String id = stored == null ? "" : BroadcastRecord.parseFrom(stored).getId();
      return on(id, "broadcast." + verb);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a broadcast's record is damaged", e);
    }
  }
}
