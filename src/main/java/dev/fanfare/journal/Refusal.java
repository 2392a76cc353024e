package dev.fanfare.journal;

/// Why a command, or one member's part of it, took no effect: the caller's mistake, judged in
/// journal order.
public sealed interface Refusal {

  /// No member has this id.
  record MemberNotFound() implements Refusal {}

  /// The member is not at the version that the change asks for, or does not exist.
  record VersionMismatch() implements Refusal {}

  /// The app has as many running scans as it allows.
  record TooManyScans(int limit) implements Refusal {}

  /// As many tags as the app allows were taken from everyone and not yet from every record.
  record TooManyTagRemovals(int limit) implements Refusal {}

  /// The member would have more tags than the app allows.
  record TooManyTags(int limit) implements Refusal {}

  /// The app would have more robots than it allows.
  record TooManyRobots(int limit) implements Refusal {}

  /// The app would know more distinct tags and attribute values than it allows.
  record TooManyTerms(int limit) implements Refusal {}

  /// The app has no attribute of this name.
  record UnknownAttribute(String name) implements Refusal {}

  /// The audience cannot be evaluated as it was written.
  record InvalidAudience(String complaint) implements Refusal {}

  /// The app has as many live broadcasts as it allows.
  record TooManyLiveBroadcasts(int limit) implements Refusal {}

  /// An idempotency key came again with another body.
  record IdempotencyKeyReused() implements Refusal {}

  /// No broadcast has this number.
  record BroadcastNotFound() implements Refusal {}

  /// The broadcast's state does not allow this.
  record IllegalTransition(String state) implements Refusal {}

  /// What was proposed by a timer is not due yet, or was done already.
  record NotDue() implements Refusal {}

  /// The app, or one of the numbers and keys it brings, exists already.
  record AlreadyExists(String what) implements Refusal {}

  /// The access key has used its broadcasts of the calendar day.
  record OverDailyBudget(int limit) implements Refusal {}

  /// The app would have more members than it allows.
  record TooManyMembers(int limit) implements Refusal {}

  /// The app has given away every number that a member can have; none is used twice.
  record OutOfOrdinals() implements Refusal {}

  /// The app has as many webhooks as it may have.
  record TooManyWebhooks(int limit) implements Refusal {}

  /// The all-member push before was accepted no longer than the app's interval ago.
  record PushTooSoon(int intervalMillis) implements Refusal {}

  /// The app has used its all-member pushes of the calendar day.
  record OverDailyPushes(int limit) implements Refusal {}

  /// Two attribute slots would share this name.
  record AttributeNameTaken(String name) implements Refusal {}

  /// A named attribute slot would hold values of another type of accounts.
  record AttributeTypeFixed(String name) implements Refusal {}

  /// The command is larger than an entry of the journal may be.
  record EntryTooLarge(int limitBytes) implements Refusal {}

  /// The app has no key of this kind and name.
  record KeyNotFound() implements Refusal {}
}
