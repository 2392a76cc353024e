package dev.fanfare.cli;

/// Ends a command with one line for people and an exit code.
public final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  static final int FAILED = 1;
  static final int BAD_USAGE = 2;
  static final int REFUSED = 3;

  /// What a shell says of a program that SIGINT ended.
  static final int INTERRUPTED = 130;

  /// What a shell says of a program that SIGPIPE ended.
  private static final int READER_LEFT = 141;

  private final int exitCode;

  private CliException(int exitCode, String message) {
    super(message, null, false, false);
    this.exitCode = exitCode;
  }

  /// The world failed.
  static CliException failed(String message) {
    return new CliException(FAILED, message);
  }

  /// The thread was interrupted, and stays so. What failed by that is not tried again.
  static CliException interrupted() {
    Thread.currentThread().interrupt();
    return new CliException(INTERRUPTED, "interrupted");
  }

  /// The command was called wrongly.
  static CliException badUsage(String message) {
    return new CliException(BAD_USAGE, message);
  }

  /// The server refused.
  static CliException refused(String message) {
    return new CliException(REFUSED, message);
  }

  /// Nobody reads the output any more, as after `| head`: there is nothing to say.
  static CliException readerLeft() {
    return new CliException(READER_LEFT, "");
  }

  /// The same with more to say.
  CliException adding(String more) {
    return new CliException(exitCode, getMessage() + more);
  }

  /// Whether the exit code says all.
  public boolean isQuiet() {
    return exitCode == READER_LEFT;
  }

  public int exitCode() {
    return exitCode;
  }
}
