package dev.fanfare.volcengine;

/// The whole request is refused. Thrown where that is found, answered by the face.
final class VolcengineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final VolcengineError error;

  /// @param message what the caller reads; free of secrets
  VolcengineException(VolcengineError error, String message) {
    super(message, null, false, false);
    this.error = error;
  }

  VolcengineError error() {
    return error;
  }

  /// The message, which this exception always has.
  String text() {
    return String.valueOf(getMessage());
  }
}
