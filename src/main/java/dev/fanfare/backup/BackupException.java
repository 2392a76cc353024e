package dev.fanfare.backup;

/// A backup cannot be made, is damaged, or does not hold what is asked for; the message says it in
/// one line.
public final class BackupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BackupException(String message) {
    super(message);
  }

  BackupException(String message, Throwable cause) {
    super(message, cause);
  }
}
