package dev.fanfare.tencent;

import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.schema.Recall;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/// The command revoke: a task reaches nobody new and is withdrawn from the devices that have it.
///
/// What it may bring to be shown instead is checked and not used, because nothing is pushed through
/// phone vendors.
final class Revocation {
  private static final Duration WITHIN = Duration.ofHours(24);

  private final State state;
  private final Journal journal;
  private final Clock wall;

  /// @param wall judges the age of a task
  Revocation(State state, Journal journal, Clock wall) {
    this.state = state;
    this.journal = journal;
    this.wall = wall;
  }

  Answer revoke(Call call) {
    String taskId = call.body().requiredText("TaskId", TencentError.NO_SUCH_TASK);
    if (OfflinePush.of(call).isEmpty() && call.app().limits().getTencentRevokeInfoRequired()) {
      throw TencentError.REVOKE_NEEDS_INFO.with("OfflinePushInfo is required");
    }
    Broadcast sent =
        Task.find(state.broadcasts(), call.app(), taskId)
            .orElseThrow(() -> TencentError.NO_SUCH_TASK.with("no task has this TaskId"));
    if (sent.state() == BroadcastState.RECALLED) {
      throw TencentError.REVOKED_BEFORE.with("the task is revoked already");
    }
    Instant started = Instant.ofEpochMilli(sent.started());
    if (sent.started() > 0 && wall.instant().isAfter(started.plus(WITHIN))) {
      throw tooOld();
    }
    Recall.Builder recall = Recall.newBuilder().setBroadcast(sent.number());
    Outcome outcome = journal.propose(call.command().setRecall(recall).build());
    return switch (outcome) {
      case Outcome.Done _ -> Answer.ok();
      case Outcome.Refused(Refusal.IllegalTransition _) when sent.started() == 0 ->
          throw TencentError.NO_SUCH_TASK.with("the task has not started");
      case Outcome.Refused(Refusal.IllegalTransition _) -> throw tooOld();
      case Outcome.Refused _, Outcome.Members _, Outcome.Started _ ->
          throw new IllegalStateException("no outcome of a recall: " + outcome);
    };
  }

  private static TencentException tooOld() {
    return TencentError.TASK_TOO_OLD.with("the task is older than 24 hours, or has expired");
  }
}
