package dev.fanfare.api;

/// What the native API takes at most, apart from the limits in an app's record.
final class ApiLimits {
  static final int BODY_BYTES = 1_000_000;
  static final int MEMBER_ID_BYTES = 64;
  static final int NICK_NAME_CODE_POINTS = 500;
  static final int PORTRAIT_BYTES = 2_048;
  static final int TAG_BYTES = 256;

  /// Tags named in one change; how many a member may have is the app's limit.
  static final int TAGS_PER_CHANGE = 1_000;

  static final int ATTRIBUTES = 10;
  static final int ATTRIBUTE_NAME_BYTES = 64;
  static final int ATTRIBUTE_VALUE_BYTES = 256;
  static final int EXT_ENTRIES = 20;
  static final int EXT_KEY_BYTES = 50;
  static final int EXT_VALUE_BYTES = 500;
  static final int OPERATIONS = 1_000;
  static final int SAMPLE = 1_000;

  /// Broadcasts that one page looks at, whether it shows them or not.
  static final int SCANNED_BROADCASTS = 5_000;

  /// Bytes of JSON after which a page of broadcasts ends.
  static final int PAGE_BYTES = 4 << 20;

  static final int SENDER_BYTES = 64;
  static final int IDEMPOTENCY_KEY_CHARACTERS = 255;
  static final long TTL_SECONDS = 2_592_000;
  static final long DEFAULT_TTL_SECONDS = 604_800;
  static final int PACE_PER_SECOND = 100_000_000;

  /// The default of the longest age of credentials that an app honours: 180 days.
  static final long TOKEN_TTL_SECONDS = 15_552_000;

  static final long DEFAULT_TOKEN_TTL_SECONDS = 86_400;

  private ApiLimits() {}
}
