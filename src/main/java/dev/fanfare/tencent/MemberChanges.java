package dev.fanfare.tencent;

import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.ChangeMembers;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Proposes changes of members, all of a request as one command.
final class MemberChanges {
  private final Journal journal;

  MemberChanges(Journal journal) {
    this.journal = journal;
  }

  /// What a request asks for one account.
  ///
  /// @param wrong why it cannot be had, if that is known before
  record Edit(String account, MemberEdit edit, Optional<TencentException> wrong) {
    Edit(String account, MemberEdit edit) {
      this(account, edit, Optional.empty());
    }

    /// What this one asks, and then another one for the same account.
    private Edit then(Edit next) {
      MemberEdit.Builder both = edit.toBuilder();
      if (next.edit.hasTags()) {
        both.clearTags();
      }
      return new Edit(account, both.mergeFrom(next.edit).build(), wrong.or(() -> next.wrong));
    }
  }

  /// Edits accounts in the order given and answers which of them failed. With the app's automatic
  /// import an unknown account is registered.
  Answer edit(Call call, List<Edit> edits) {
    AccountReport report = new AccountReport();
    List<MemberChange> changes = new ArrayList<>();
    for (Edit wanted : ofAccounts(edits)) {
      report.asked(wanted.account());
      Optional<TencentException> wrong =
          call.canName(wanted.account()) ? wanted.wrong() : Optional.of(call.cannotName());
      if (wrong.isPresent()) {
        report.failed(wanted.account(), wrong.get());
        continue;
      }
      MemberChange.Builder change = MemberChange.newBuilder().setId(wanted.account());
      changes.add(
          call.app().limits().getTencentAutoImport()
              ? change.setRegister(wanted.edit()).build()
              : change.setUpdate(wanted.edit()).build());
    }
    List<Optional<TencentException>> failures = propose(call, changes);
    for (int i = 0; i < failures.size(); i++) {
      String account = changes.get(i).getId();
      failures.get(i).ifPresent(failure -> report.failed(account, failure));
    }
    return report.answer();
  }

  /// One edit of each account: one that is refused leaves its account as it was, however often the
  /// request names it.
  private static Collection<Edit> ofAccounts(List<Edit> edits) {
    Map<String, Edit> ofAccounts = new LinkedHashMap<>();
    edits.forEach(edit -> ofAccounts.merge(edit.account(), edit, Edit::then));
    return ofAccounts.values();
  }

  /// Why each change, in order, was refused, if it was.
  List<Optional<TencentException>> propose(Call call, List<MemberChange> changes) {
    if (changes.isEmpty()) {
      return List.of();
    }
    ChangeMembers members = ChangeMembers.newBuilder().addAllChanges(changes).build();
    Outcome outcome = journal.propose(call.command().setChangeMembers(members).build());
    return switch (outcome) {
      case Outcome.Members(var refusals) ->
          refusals.stream().map(refusal -> refusal.map(MemberChanges::failure)).toList();
      case Outcome.Done _, Outcome.Refused _, Outcome.Started _ ->
          throw new IllegalStateException("no outcome of a change of members: " + outcome);
    };
  }

  private static TencentException failure(Refusal refusal) {
    return switch (refusal) {
      case Refusal.MemberNotFound() -> AccountReport.notFound();
      case Refusal.TooManyTags(int limit) ->
          TencentError.TOO_MANY_TAGS.with("an account may have " + limit + " tags");
      case Refusal.TooManyTerms(int limit) ->
          TencentError.TOO_MANY_TAGS.with(
              "the app may know " + limit + " distinct tags and attribute values");
      case Refusal.UnknownAttribute(String name) ->
          TencentError.BAD_ATTRIBUTE.with("no attribute has the name " + name);
      case Refusal.EntryTooLarge(int limit) ->
          TencentError.BAD_PARAMETER.with("a change of an account may have " + limit + " bytes");
      case Refusal.TooManyMembers(int limit) ->
          TencentError.OVER_ACCOUNT_QUOTA.with("the app may have " + limit + " accounts");
      case Refusal.OutOfOrdinals() ->
          TencentError.OVER_ACCOUNT_QUOTA.with("the app has had as many accounts as it ever can");
      case Refusal.TooManyRobots _,
          Refusal.TooManyWebhooks _,
          Refusal.InvalidAudience _,
          Refusal.TooManyLiveBroadcasts _,
          Refusal.IdempotencyKeyReused _,
          Refusal.BroadcastNotFound _,
          Refusal.IllegalTransition _,
          Refusal.NotDue _,
          Refusal.AlreadyExists _,
          Refusal.OverDailyBudget _,
          Refusal.KeyNotFound _,
          Refusal.PushTooSoon _,
          Refusal.OverDailyPushes _,
          Refusal.AttributeNameTaken _,
          Refusal.AttributeTypeFixed _,
          Refusal.VersionMismatch _,
          Refusal.TooManyScans _,
          Refusal.TooManyTagRemovals _ ->
          throw new IllegalStateException("no refusal of such a change: " + refusal);
    };
  }
}
