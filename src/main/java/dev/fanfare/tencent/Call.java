package dev.fanfare.tencent;

import dev.fanfare.app.App;
import dev.fanfare.app.Size;
import dev.fanfare.http.Request;
import dev.fanfare.schema.Command;
import java.nio.charset.StandardCharsets;

/// A request of an app's administrator.
///
/// @param identifier the administrator
record Call(Request request, Action action, App app, String identifier, Fields body) {
  private static final int MEMBER_ID_BYTES = 64;

  /// A command to the app, in the administrator's name.
  Command.Builder command() {
    return Command.newBuilder().setApp(app.number()).setActor("tencent/" + identifier);
  }

  /// Whether it is one of the newer family, where some commands take and answer more.
  boolean newer() {
    return action.service() == Service.TIMPUSH;
  }

  /// What the request may hold at most.
  int most(Size size) {
    return size.of(app.limits());
  }

  /// Whether this dialect can name such a member. Members with other ids exist, but not for it.
  boolean canName(String account) {
    int most = Math.min(MEMBER_ID_BYTES, most(Size.TENCENT_USER_ID));
    int bytes = bytes(account);
    return bytes >= 1 && bytes <= most && account.codePoints().noneMatch(Character::isISOControl);
  }

  /// Why it cannot name a member.
  TencentException cannotName() {
    int most = Math.min(MEMBER_ID_BYTES, most(Size.TENCENT_USER_ID));
    return TencentError.BAD_PARAMETER.with(
        "an account has 1 to " + most + " bytes and no control characters");
  }

  static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
