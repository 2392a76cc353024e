package dev.fanfare.gateway;

/// Why the server ends a connection. The number tells the client what to do;
/// `docs/device-protocol.md` lists them.
enum CloseCode {
  GOING_AWAY(1012, "restarting"),
  OVER_CAPACITY(1013, "over capacity"),
  BAD_FRAME(4000, "bad frame"),
  CREDENTIALS(4001, "credentials no longer valid"),
  TOO_SLOW(4008, "too slow"),
  REPLACED(4009, "replaced by the same device"),
  TOO_MANY_DEVICES(4010, "too many devices");

  private final int code;
  private final String reason;

  CloseCode(int code, String reason) {
    this.code = code;
    this.reason = reason;
  }

  int code() {
    return code;
  }

  String reason() {
    return reason;
  }
}
