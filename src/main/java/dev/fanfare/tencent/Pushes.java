package dev.fanfare.tencent;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.fanfare.app.Size;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.DuplicateKey;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.MemberIds;
import dev.fanfare.schema.StartBroadcast;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/// The commands that start pushes: im_push, push and batch.
///
/// SDKs repeat a request whose reply was lost, so an equal push of the same sender is the task that
/// was accepted before, for as long as the app's window says.
final class Pushes {
  private static final ObjectNode NO_TASK = JsonNodeFactory.instance.objectNode().put("TaskId", "");

  private final State state;
  private final Journal journal;
  private final RandomGenerator random;

  /// @param random draws ids and pivots; shared by all threads
  Pushes(State state, Journal journal, RandomGenerator random) {
    this.state = state;
    this.journal = journal;
    this.random = random;
  }

  /// Starts a push to whom the condition selects, or finds the one that this call repeats.
  Answer start(Call call) {
    checkBody(call, Size.TENCENT_PUSH_BODY);
    TencentMessage message = TencentMessage.of(call);
    checkSender(call, message.sender());
    StartBroadcast.Builder start =
        StartBroadcast.newBuilder().setAudience(Condition.audience(call)).setAllMemberPush(true);
    Broadcast sent = propose(call, message, start);
    return answer(new AccountReport(), sent);
  }

  /// Starts a push to a list of accounts, or finds the one that this call repeats. Those that do
  /// not exist are reported; a failure has a TaskId too, as the vendor's example has it.
  Answer startBatch(Call call) {
    try {
      return startListed(call);
    } catch (TencentException e) {
      return Answer.failure(e, NO_TASK.deepCopy());
    }
  }

  private Answer startListed(Call call) {
    checkBody(call, Size.TENCENT_BATCH_BODY);
    TencentMessage message = TencentMessage.of(call);
    checkSender(call, message.sender());
    AccountReport report = new AccountReport();
    MemberIds.Builder known = MemberIds.newBuilder();
    for (String account : ToAccounts.listed(call, Size.TENCENT_BATCH_ACCOUNTS)) {
      report.asked(account);
      if (!call.canName(account)) {
        report.failed(account, call.cannotName());
      } else if (state.member(call.app(), account).isEmpty()) {
        report.failed(account, AccountReport.notFound());
      } else {
        known.addIds(account);
      }
    }
    if (known.getIdsCount() == 0) {
      return report.answer(NO_TASK.deepCopy());
    }
    AudienceNode audience = AudienceNode.newBuilder().setMembers(known).build();
    Broadcast sent = propose(call, message, StartBroadcast.newBuilder().setAudience(audience));
    return answer(report, sent);
  }

  private static void checkBody(Call call, Size size) {
    if (call.app().limits().getTencentPushOff()) {
      throw TencentError.PUSH_IS_OFF.with("pushes are off for this app");
    }
    int most = call.most(size);
    if (call.request().body().length > most) {
      throw TencentError.PUSH_TOO_LARGE.with("the body has more than " + most + " bytes");
    }
  }

  /// @param start whom it is for
  private Broadcast propose(Call call, TencentMessage message, StartBroadcast.Builder start) {
    start
        .setId("b-" + HexFormat.of().toHexDigits(random.nextLong()))
        .setPivot(state.broadcasts().pivot(call.app().number(), random))
        .setFormat(Format.TENCENT)
        .setSender(message.sender())
        .setLifetimeSeconds(message.lifetimeSeconds())
        .setPace(call.app().limits().getTencentPace())
        .setMessage(ByteString.copyFrom(message.stored()))
        .addDuplicateKeys(duplicateKey(call, message.sender()));
    Outcome outcome = journal.propose(call.command().setStartBroadcast(start).build());
    return switch (outcome) {
      case Outcome.Started(String id, _) ->
          state
              .broadcasts()
              .find(call.app().number(), id)
              .orElseThrow(() -> new IllegalStateException("broadcast " + id + " is not stored"));
      case Outcome.Refused(Refusal refusal) -> throw refused(refusal);
      case Outcome.Done _, Outcome.Members _ ->
          throw new IllegalStateException("no outcome of a start: " + outcome);
    };
  }

  /// An administrator may send in the name of any account that exists.
  private void checkSender(Call call, String sender) {
    if (call.app().tencentAdministrators().contains(sender)) {
      return;
    }
    boolean known =
        call.app().limits().getTencentAutoImport() || state.member(call.app(), sender).isPresent();
    if (!call.canName(sender) || !known) {
      throw TencentError.UNKNOWN_SENDER.with("From_Account does not exist");
    }
  }

  private static Answer answer(AccountReport report, Broadcast sent) {
    ObjectNode result = NO_TASK.deepCopy().put("TaskId", Task.of(sent).id());
    return report.answer(result).with("X-Fanfare-Broadcast", sent.id());
  }

  /// MsgRandom is in the body; the same body is another push under another command.
  private static DuplicateKey duplicateKey(Call call, String sender) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String named = call.action().path() + "\n" + sender + "\n";
      digest.update(named.getBytes(StandardCharsets.UTF_8));
      byte[] hash = digest.digest(call.request().body());
      return DuplicateKey.newBuilder()
          .setKind(DuplicateKey.Kind.MSG_RANDOM)
          .setKey(ByteString.copyFrom(hash))
          .build();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static TencentException refused(Refusal refusal) {
    return switch (refusal) {
      case Refusal.PushTooSoon(int millis) ->
          TencentError.PUSH_TOO_SOON.with("pushes must be more than " + millis + " ms apart");
      case Refusal.OverDailyPushes(int limit) ->
          TencentError.OVER_PUSH_QUOTA.with("the app has used its " + limit + " pushes of the day");
      case Refusal.TooManyLiveBroadcasts(int limit) ->
          TencentError.OVER_PUSH_QUOTA.with("the app already has " + limit + " live broadcasts");
      case Refusal.EntryTooLarge(int limit) ->
          TencentError.PUSH_TOO_LARGE.with("a push may have " + limit + " bytes");
      case Refusal.UnknownAttribute(String name) ->
          TencentError.BAD_ATTRIBUTE.with("no attribute has the name " + name);
      case Refusal.InvalidAudience(String complaint) -> TencentError.TOO_MANY_TAGS.with(complaint);
      case Refusal.MemberNotFound _,
          Refusal.OutOfOrdinals _,
          Refusal.TooManyWebhooks _,
          Refusal.TooManyTags _,
          Refusal.TooManyTerms _,
          Refusal.TooManyRobots _,
          Refusal.TooManyMembers _,
          Refusal.IdempotencyKeyReused _,
          Refusal.BroadcastNotFound _,
          Refusal.IllegalTransition _,
          Refusal.NotDue _,
          Refusal.AlreadyExists _,
          Refusal.OverDailyBudget _,
          Refusal.KeyNotFound _,
          Refusal.AttributeNameTaken _,
          Refusal.AttributeTypeFixed _,
          Refusal.VersionMismatch _,
          Refusal.TooManyScans _,
          Refusal.TooManyTagRemovals _ ->
          throw new IllegalStateException("no refusal of a start: " + refusal);
    };
  }
}
