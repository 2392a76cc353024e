package dev.fanfare.volcengine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.ChangeMembers;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// The actions that change users: one command for all that can be tried, one FailedInfos entry, in
/// the order of the request, for each user that failed.
final class UserChanges {
  private final Journal journal;

  UserChanges(Journal journal) {
    this.journal = journal;
  }

  ObjectNode register(Call call) {
    boolean number = failedUserIdIsNumber(call);
    ArrayNode failed = JsonNodeFactory.instance.arrayNode();
    for (Failure failure : apply(call, UserChange.registrations(call))) {
      ObjectNode entry = failed.addObject();
      if (number) {
        entry.put("UserId", failure.userId());
      } else {
        entry.put("UserId", Long.toString(failure.userId()));
      }
      failure.describe(entry);
    }
    return result(failed);
  }

  /// As set, else a string, except for the Go SDK, which takes numbers only.
  private static boolean failedUserIdIsNumber(Call call) {
    return switch (call.settings().registerFailedUserId()) {
      case STRING -> false;
      case NUMBER -> true;
      case AUTO ->
          call.request().header("x-im-sdk-version").filter(v -> v.startsWith("Golang")).isPresent();
    };
  }

  /// An empty FailedInfos is part of this answer.
  ObjectNode update(Call call) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    return result.set("FailedInfos", failedInfos(call, UserChange.updates(call)));
  }

  ObjectNode editTags(Call call) {
    return result(failedInfos(call, UserChange.tagEdits(call)));
  }

  ObjectNode unregister(Call call) {
    return result(failedInfos(call, UserChange.removals(call)));
  }

  private ArrayNode failedInfos(Call call, List<UserChange> changes) {
    ArrayNode failed = JsonNodeFactory.instance.arrayNode();
    for (Failure failure : apply(call, changes)) {
      failure.describe(failed.addObject().put("UserId", failure.userId()));
    }
    return failed;
  }

  private static ObjectNode result(ArrayNode failed) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    return failed.isEmpty() ? result : result.set("FailedInfos", failed);
  }

  private List<Failure> apply(Call call, List<UserChange> changes) {
    Iterator<Optional<Refusal>> refusals = propose(call, changes).iterator();
    return changes.stream().flatMap(change -> failure(change, refusals).stream()).toList();
  }

  private static Optional<Failure> failure(
      UserChange change, Iterator<Optional<Refusal>> refusals) {
    return switch (change) {
      case UserChange.Invalid(long userId, String message) ->
          Optional.of(new Failure(userId, "InvalidParam", message));
      case UserChange.Valid(long userId, _) ->
          refusals.next().map(refusal -> Failure.of(userId, refusal));
    };
  }

  /// The refusals of the valid changes, in order.
  private List<Optional<Refusal>> propose(Call call, List<UserChange> changes) {
    ChangeMembers.Builder members = ChangeMembers.newBuilder();
    for (UserChange change : changes) {
      if (change instanceof UserChange.Valid valid) {
        members.addChanges(valid.change());
      }
    }
    if (members.getChangesCount() == 0) {
      return List.of();
    }
    Outcome outcome = journal.propose(call.command().setChangeMembers(members).build());
    return switch (outcome) {
      case Outcome.Members(var refusals) -> refusals;
      case Outcome.Done _, Outcome.Refused _, Outcome.Started _ ->
          throw new IllegalStateException("no outcome of a change of members: " + outcome);
    };
  }

  /// Why one user of a request failed.
  private record Failure(long userId, String code, String message) {

    static Failure of(long userId, Refusal refusal) {
      return switch (refusal) {
        case Refusal.MemberNotFound() -> new Failure(userId, "UserNotFound", "UserisNotFound");
        case Refusal.TooManyTags(int limit) ->
            new Failure(userId, "InvalidParam", "Tags would exceed " + limit + " for the user.");
        case Refusal.TooManyTerms(int limit) ->
            new Failure(
                userId,
                "InvalidParam",
                "Tags would exceed " + limit + " distinct ones in the app.");
        case Refusal.TooManyRobots(int limit) ->
            new Failure(
                userId, "RobotMoreThanLimit", "The app would have more than " + limit + " robots.");
        case Refusal.TooManyMembers(int limit) ->
            new Failure(
                userId, "InvalidParam", "The app would have more than " + limit + " users.");
        case Refusal.OutOfOrdinals() ->
            new Failure(userId, "InvalidParam", "The app has registered as many users as it can.");
        case Refusal.EntryTooLarge(int limit) ->
            new Failure(userId, "InvalidParam", "The user is larger than " + limit + " bytes.");
        case Refusal.UnknownAttribute _,
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
            Refusal.VersionMismatch _,
            Refusal.TooManyScans _,
            Refusal.TooManyTagRemovals _,
            Refusal.PushTooSoon _,
            Refusal.OverDailyPushes _,
            Refusal.AttributeNameTaken _,
            Refusal.AttributeTypeFixed _ ->
            throw new IllegalStateException("no refusal of such a change: " + refusal);
      };
    }

    void describe(ObjectNode entry) {
      entry.put("Code", code).put("Message", message);
    }
  }
}
