package dev.fanfare.api;

import dev.fanfare.journal.Refusal;

/// Why a request was not done, as RFC 9457 tells it.
///
/// @param code stable; what programs decide by
/// @param detail for people
/// @param pointer JSON pointer (RFC 6901) to the offending field of the body, empty for none
record Problem(int status, String code, String detail, String pointer) {

  static Problem of(int status, String code, String detail) {
    return new Problem(status, code, detail, "");
  }

  /// A field of the body that is not as it has to be.
  static Problem invalid(String pointer, String detail) {
    return new Problem(400, "invalid_field", detail, pointer);
  }

  static Problem unauthorized(String detail) {
    return of(401, "unauthorized", detail);
  }

  static Problem appNotFound() {
    return of(404, "app_not_found", "no such app");
  }

  static Problem versionMismatch() {
    return of(412, "version_mismatch", "the member is not at the version in If-Match");
  }

  static Problem tooManyRequests(int perSecond) {
    return of(429, "too_many_requests", "at most " + perSecond + " calls a second");
  }

  static Problem memberNotFound() {
    return of(404, "member_not_found", "no member has this id");
  }

  static Problem notFound() {
    return of(404, "not_found", "no such resource");
  }

  static Problem broadcastNotFound() {
    return of(404, "broadcast_not_found", "no broadcast has this id");
  }

  static Problem receiptsPurged() {
    return of(
        410,
        "receipts_purged",
        "who the recipients were is no longer kept; the counters of the broadcast are");
  }

  static Problem keyNotFound() {
    return of(404, "key_not_found", "the app has no key of this kind and name");
  }

  /// What the journal refused.
  static Problem of(Refusal refusal) {
    return switch (refusal) {
      case Refusal.MemberNotFound _ -> memberNotFound();
      case Refusal.TooManyTags(int limit) ->
          of(422, "too_many_tags", "a member may have " + limit + " tags");
      case Refusal.TooManyRobots(int limit) ->
          of(422, "too_many_robots", "the app may have " + limit + " robots");
      case Refusal.TooManyTerms(int limit) ->
          of(422, "too_many_terms", "the app may know " + limit + " tags and attribute values");
      case Refusal.UnknownAttribute(String name) -> unknownAttribute(name);
      case Refusal.InvalidAudience(String complaint) -> of(400, "invalid_audience", complaint);
      case Refusal.TooManyLiveBroadcasts(int limit) ->
          of(429, "too_many_live_broadcasts", "the app may have " + limit + " live broadcasts");
      case Refusal.IdempotencyKeyReused _ ->
          of(422, "idempotency_key_reused", "this Idempotency-Key came before with another body");
      case Refusal.BroadcastNotFound _ -> broadcastNotFound();
      case Refusal.IllegalTransition(String state) ->
          of(409, "illegal_transition", "the broadcast is " + state);
      case Refusal.NotDue _ -> of(409, "not_due", "this is not due yet, or was done already");
      case Refusal.AlreadyExists(String what) ->
          of(409, "already_exists", what + " exists already");
      case Refusal.OverDailyBudget(int limit) ->
          of(429, "over_daily_budget", "the key may send " + limit + " broadcasts a day");
      case Refusal.EntryTooLarge(int limit) ->
          of(413, "entry_too_large", "what is journaled may have " + limit + " bytes");
      case Refusal.KeyNotFound _ -> keyNotFound();
      case Refusal.VersionMismatch _ -> versionMismatch();
      case Refusal.TooManyScans(int limit) ->
          of(429, "too_many_scans", "the app may have " + limit + " running scans");
      case Refusal.TooManyTagRemovals(int limit) ->
          of(429, "too_many_tag_removals", limit + " tags are being removed from everyone");
      case Refusal.TooManyMembers(int limit) ->
          of(422, "too_many_members", "the app may have " + limit + " members");
      case Refusal.OutOfOrdinals _ ->
          of(422, "out_of_ordinals", "the app has registered as many members as it ever can");
      case Refusal.TooManyWebhooks(int limit) ->
          of(422, "too_many_webhooks", "an app may have " + limit);
      case Refusal.PushTooSoon(int millis) ->
          of(429, "push_too_soon", "pushes have to be more than " + millis + " ms apart");
      case Refusal.OverDailyPushes(int limit) ->
          of(429, "over_daily_pushes", "the app may have " + limit + " pushes a day");
      case Refusal.AttributeNameTaken(String name) ->
          of(400, "duplicate_name", "two slots cannot share the name " + name);
      case Refusal.AttributeTypeFixed(String name) ->
          of(409, "attribute_type_fixed", name + " is about another type of accounts");
    };
  }

  static Problem unknownAttribute(String name) {
    return of(422, "unknown_attribute", "the app has no attribute named " + name);
  }

  ProblemException raise() {
    return new ProblemException(this);
  }
}
