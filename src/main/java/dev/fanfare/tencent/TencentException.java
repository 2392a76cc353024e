package dev.fanfare.tencent;

/// A request, or one account of it, is refused. Thrown where that is found, answered by the face.
final class TencentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final TencentError error;

  /// @param info what the caller reads; free of secrets
  TencentException(TencentError error, String info) {
    super(info, null, false, false);
    this.error = error;
  }

  TencentError error() {
    return error;
  }

  /// The message, which this exception always has.
  String info() {
    return String.valueOf(getMessage());
  }
}
