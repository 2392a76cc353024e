package dev.fanfare.tencent;

/// A family of commands, which has codes of its own for what can happen to each of them.
enum Service {
  ACCOUNTS("im_open_login_svc"),
  ONLINE("openim"),
  PUSH("all_member_push"),
  /// The newer family: the same commands under other names, and more.
  TIMPUSH("timpush");

  private final String path;

  Service(String path) {
    this.path = path;
  }

  /// The second part of its commands' paths.
  String path() {
    return path;
  }

  TencentError needsAdministrator() {
    return switch (this) {
      case ACCOUNTS -> TencentError.ACCOUNTS_NEED_ADMINISTRATOR;
      case ONLINE, PUSH, TIMPUSH -> TencentError.NEEDS_ADMINISTRATOR;
    };
  }

  TencentError badJson() {
    return switch (this) {
      case ACCOUNTS -> TencentError.ACCOUNT_JSON;
      case ONLINE, PUSH, TIMPUSH -> TencentError.BAD_JSON;
    };
  }

  /// Nothing was changed, and a repetition may succeed.
  TencentError unavailable() {
    return switch (this) {
      case ACCOUNTS -> TencentError.ACCOUNTS_UNAVAILABLE;
      case ONLINE, PUSH, TIMPUSH -> TencentError.INTERNAL;
    };
  }

  TencentError failed() {
    return switch (this) {
      case ACCOUNTS -> TencentError.ACCOUNTS_FAILED;
      case ONLINE, PUSH, TIMPUSH -> TencentError.INTERNAL;
    };
  }
}
