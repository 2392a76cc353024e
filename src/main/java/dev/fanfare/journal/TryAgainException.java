package dev.fanfare.journal;

/// The command was not taken and never will take effect; the same call may succeed later.
public final class TryAgainException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TryAgainException(String reason) {
    super(reason);
  }

  public TryAgainException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
