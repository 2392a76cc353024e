package dev.fanfare.cli;

/// Ends a command with one line for people and an exit code.
public final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  static final int FAILED = 1;
  static final int BAD_USAGE = 2;
  static final int REFUSED = 3;

  private final int exitCode;

  private CliException(int exitCode, String message) {
    super(message, null, false, false);
    this.exitCode = exitCode;
  }

  /// The world failed.
  static CliException failed(String message) {
    return new CliException(FAILED, message);
  }

  /// The command was called wrongly.
  static CliException badUsage(String message) {
    return new CliException(BAD_USAGE, message);
  }

  /// The server refused.
  static CliException refused(String message) {
    return new CliException(REFUSED, message);
  }

  /// The same with more to say.
  CliException adding(String more) {
    return new CliException(exitCode, getMessage() + more);
  }

  public int exitCode() {
    return exitCode;
  }
}
