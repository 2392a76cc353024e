package dev.fanfare.journal;

/// The command may or may not take effect: where the order lives did not say in time. What has not
/// taken effect five seconds after its call never will.
public final class OutcomeUnknownException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public OutcomeUnknownException(String reason) {
    super(reason);
  }
}
