package dev.fanfare.volcengine;

import dev.fanfare.app.App;

/// What an operator set for an app in this dialect.
///
/// @param emptyTagsRefused whether `"Tags":[]` of a broadcast is InvalidParam instead of everyone
/// @param registerFailedUserId the type of UserId in FailedInfos of RegisterUsers
record Settings(boolean emptyTagsRefused, FailedUserId registerFailedUserId) {
  static final Settings DEFAULTS = new Settings(false, FailedUserId.AUTO);

  /// The documents contradict each other about this type, and so do the official SDKs.
  enum FailedUserId {
    /// A number for the Go SDK, which takes nothing else, and text for everyone else.
    AUTO,
    STRING,
    NUMBER
  }

  static Settings of(App app) {
    dev.fanfare.schema.Limits limits = app.limits();
    FailedUserId type =
        switch (limits.getRegisterFailedUserId()) {
          case AUTO, UNRECOGNIZED -> FailedUserId.AUTO;
          case STRING -> FailedUserId.STRING;
          case NUMBER -> FailedUserId.NUMBER;
        };
    return new Settings(limits.getVolcengineEmptyTagsRefused(), type);
  }
}
