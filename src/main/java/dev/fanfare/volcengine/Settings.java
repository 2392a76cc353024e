package dev.fanfare.volcengine;

import dev.fanfare.app.App;
import dev.fanfare.app.Size;

/// What an operator set for an app in this dialect.
///
/// @param emptyTagsRefused whether `"Tags":[]` of a broadcast is InvalidParam instead of everyone
/// @param registerFailedUserId the type of UserId in FailedInfos of RegisterUsers
/// @param limits the app's, for the sizes
record Settings(
    boolean emptyTagsRefused, FailedUserId registerFailedUserId, dev.fanfare.schema.Limits limits) {

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
    return new Settings(limits.getVolcengineEmptyTagsRefused(), type, limits);
  }

  /// What a request may hold at most.
  int most(Size size) {
    return size.of(limits);
  }
}
