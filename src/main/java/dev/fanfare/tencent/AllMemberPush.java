package dev.fanfare.tencent;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.fanfare.app.Size;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.DuplicateKey;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.StartBroadcast;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.random.RandomGenerator;

/// The command im_push.
///
/// SDKs repeat a request whose reply was lost, so an equal push of the same sender is the task that
/// was accepted before, for as long as the app's window says.
final class AllMemberPush {
  private final State state;
  private final Journal journal;
  private final RandomGenerator random;

  /// @param random draws ids; shared by all threads
  AllMemberPush(State state, Journal journal, RandomGenerator random) {
    this.state = state;
    this.journal = journal;
    this.random = random;
  }

  /// Starts a broadcast, or finds the one that this call repeats.
  Answer start(Call call) {
    if (call.app().limits().getTencentPushOff()) {
      throw TencentError.PUSH_IS_OFF.with("all-member push is off for this app");
    }
    int most = call.most(Size.TENCENT_PUSH_BODY);
    if (call.request().body().length > most) {
      throw TencentError.PUSH_TOO_LARGE.with("the body has more than " + most + " bytes");
    }
    TencentMessage message = TencentMessage.of(call);
    checkSender(call, message.sender());
    StartBroadcast start =
        StartBroadcast.newBuilder()
            .setId("b-" + HexFormat.of().toHexDigits(random.nextLong()))
            .setPivot(random.nextInt())
            .setFormat(Format.TENCENT)
            .setSender(message.sender())
            .setLifetimeSeconds(message.lifetimeSeconds())
            .setAudience(Condition.audience(call))
            .setMessage(ByteString.copyFrom(message.stored()))
            .setAllMemberPush(true)
            .addDuplicateKeys(duplicateKey(call, message.sender()))
            .build();
    Outcome outcome = journal.propose(call.command().setStartBroadcast(start).build());
    return switch (outcome) {
      case Outcome.Started(String id, _) -> accepted(call, id);
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

  private Answer accepted(Call call, String id) {
    String taskId =
        state
            .broadcast(call.app(), id)
            .map(TencentMessage::taskId)
            .orElseThrow(() -> new IllegalStateException("broadcast " + id + " is not stored"));
    ObjectNode result = JsonNodeFactory.instance.objectNode().put("TaskId", taskId);
    return new Answer(0, "", result, Map.of("X-Fanfare-Broadcast", id));
  }

  /// MsgRandom is in the body.
  private static DuplicateKey duplicateKey(Call call, String sender) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((sender + "\n").getBytes(StandardCharsets.UTF_8));
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
          Refusal.VersionMismatch _,
          Refusal.TooManyScans _,
          Refusal.TooManyTagRemovals _ ->
          throw new IllegalStateException("no refusal of a start: " + refusal);
    };
  }
}
