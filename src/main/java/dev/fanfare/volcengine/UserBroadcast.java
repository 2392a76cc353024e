package dev.fanfare.volcengine;

import com.google.protobuf.ByteString;
import dev.fanfare.app.Size;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.AudienceParts;
import dev.fanfare.schema.DuplicateKey;
import dev.fanfare.schema.Everyone;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.StartBroadcast;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;

/// The action UserBroadcast.
///
/// Two keys make a repetition the same broadcast: the signature, because the Java SDK repeats the
/// very same bytes when a connection closes, and the body, for the application's own retry.
final class UserBroadcast {
  private final Journal journal;
  private final Broadcasts broadcasts;
  private final RandomGenerator random;

  /// @param random draws ids and pivots; shared by all threads
  UserBroadcast(Journal journal, Broadcasts broadcasts, RandomGenerator random) {
    this.journal = journal;
    this.broadcasts = broadcasts;
    this.random = random;
  }

  /// Starts a broadcast, or finds the one that this call repeats. Returns its id.
  ///
  /// @throws VolcengineException InvalidParam or FlowLimitExceeded
  String start(Call call) {
    StartBroadcast start =
        parse(call)
            .setId("b-" + HexFormat.of().toHexDigits(random.nextLong()))
            .setPivot(broadcasts.pivot(call.app().number(), random))
            .setAccessKey(call.caller().key().id())
            .addDuplicateKeys(signatureKey(call))
            .addDuplicateKeys(bodyKey(call))
            .build();
    if (call.settings().emptyTagsRefused()
        && call.body().texts("Tags").filter(List::isEmpty).isPresent()) {
      throw Limits.refused("Tags must not be empty; leave them out to reach everyone.");
    }
    Outcome outcome = journal.propose(call.command().setStartBroadcast(start).build());
    return switch (outcome) {
      case Outcome.Started(String id, _) -> id;
      case Outcome.Refused(Refusal refusal) -> throw refused(refusal);
      case Outcome.Done _, Outcome.Members _ ->
          throw new IllegalStateException("no outcome of a start: " + outcome);
    };
  }

  /// What the request's fields say.
  static StartBroadcast.Builder parse(Call call) {
    VolcengineMessage message =
        VolcengineMessage.of(call.app().volcengineAppId(), call.settings(), call.body());
    return StartBroadcast.newBuilder()
        .setFormat(Format.VOLCENGINE)
        .setSender(Long.toString(message.sender()))
        .setLifetimeSeconds(message.lifetimeSeconds())
        .setAudience(audience(call))
        .setMessage(ByteString.copyFrom(message.stored()));
  }

  private static AudienceNode audience(Call call) {
    Fields body = call.body();
    boolean all = body.optionalInteger("TagOp", 0, 1).orElse(0) == 1;
    List<String> tags = body.texts("Tags").orElse(List.of());
    int most = call.most(Size.VOLCENGINE_BROADCAST_TAGS);
    if (tags.size() > most) {
      throw Limits.refused("Tags must have at most " + most + " elements.");
    }
    Limits.tags(call.settings(), "Tags", tags).ifPresent(Limits::refuse);
    return audience(tags.stream().distinct().toList(), all);
  }

  private static AudienceNode audience(List<String> tags, boolean all) {
    List<AudienceNode> parts =
        tags.stream().map(tag -> AudienceNode.newBuilder().setTag(tag).build()).toList();
    if (parts.isEmpty()) {
      return AudienceNode.newBuilder().setEveryone(Everyone.getDefaultInstance()).build();
    }
    if (parts.size() == 1) {
      return parts.getFirst();
    }
    AudienceParts several = AudienceParts.newBuilder().addAllParts(parts).build();
    return all
        ? AudienceNode.newBuilder().setAll(several).build()
        : AudienceNode.newBuilder().setAny(several).build();
  }

  private static DuplicateKey signatureKey(Call call) {
    return key(DuplicateKey.Kind.SIGNATURE, call, Hashes.utf8(call.caller().signature()))
        .setUntil(call.caller().until().toEpochMilli())
        .build();
  }

  private static DuplicateKey bodyKey(Call call) {
    return key(DuplicateKey.Kind.BODY, call, call.request().body()).build();
  }

  private static DuplicateKey.Builder key(DuplicateKey.Kind kind, Call call, byte[] what) {
    byte[] hash = Hashes.sha256(Hashes.utf8(call.caller().key().id() + "\n"), what);
    return DuplicateKey.newBuilder().setKind(kind).setKey(ByteString.copyFrom(hash));
  }

  private static VolcengineException refused(Refusal refusal) {
    return switch (refusal) {
      case Refusal.TooManyLiveBroadcasts(int limit) ->
          VolcengineError.TOO_MANY_BROADCASTS.with(limit);
      case Refusal.EntryTooLarge(int limit) -> VolcengineError.BODY_TOO_LARGE.with(limit);
      case Refusal.OverDailyBudget(int limit) -> VolcengineError.OVER_DAILY_BUDGET.with(limit);
      case Refusal.InvalidAudience(String complaint) ->
          VolcengineError.INVALID_PARAM.with(complaint);
      case Refusal.MemberNotFound _,
          Refusal.OutOfOrdinals _,
          Refusal.TooManyWebhooks _,
          Refusal.TooManyTags _,
          Refusal.TooManyTerms _,
          Refusal.TooManyRobots _,
          Refusal.UnknownAttribute _,
          Refusal.IdempotencyKeyReused _,
          Refusal.BroadcastNotFound _,
          Refusal.IllegalTransition _,
          Refusal.NotDue _,
          Refusal.AlreadyExists _,
          Refusal.KeyNotFound _,
          Refusal.VersionMismatch _,
          Refusal.TooManyScans _,
          Refusal.TooManyTagRemovals _,
          Refusal.TooManyMembers _,
          Refusal.PushTooSoon _,
          Refusal.OverDailyPushes _,
          Refusal.AttributeNameTaken _,
          Refusal.AttributeTypeFixed _ ->
          throw new IllegalStateException("no refusal of a start: " + refusal);
    };
  }
}
