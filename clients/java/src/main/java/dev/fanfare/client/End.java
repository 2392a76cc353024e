package dev.fanfare.client;

/// Why a connection ended, or never began.
final class End {
  static final End NONE = new End(0, 0, "", 0);
  static final End CLOSED = new End(0, 0, "closed", 0);
  static final End OTHER_MEMBER = new End(0, 0, "the store belongs to another member", 0);

  private final int code;
  private final int status;
  private final String reason;
  private final long retryAfterMillis;

  private End(int code, int status, String reason, long retryAfterMillis) {
    this.code = code;
    this.status = status;
    this.reason = reason;
    this.retryAfterMillis = retryAfterMillis;
  }

  /// The server closed it.
  static End closed(int code, String reason) {
    return new End(code, 0, reason, 0);
  }

  /// The server refused it before the upgrade.
  static End refused(int status, long retryAfterMillis) {
    return new End(0, status, "refused", retryAfterMillis);
  }

  /// There is no token that could be good.
  static End withoutToken(String reason) {
    return new End(0, 401, reason, 0);
  }

  /// It broke, or could not be made.
  static End broken(String reason) {
    return new End(0, 0, reason, 0);
  }

  int code() {
    return code;
  }

  int status() {
    return status;
  }

  String reason() {
    return reason;
  }

  long retryAfterMillis() {
    return retryAfterMillis;
  }

  /// Whether the credentials were the reason.
  boolean asksForToken() {
    return code == 4001 || status == 401;
  }

  /// Whether another attempt would meet the same, whatever the token.
  boolean lasts() {
    switch (code) {
      case 4000:
      case 4009:
      case 4010:
        return true;
      default:
        return this == OTHER_MEMBER
            || status == 400
            || status == 403
            || status == 404
            || status == 409
            || status == 426;
    }
  }
}
