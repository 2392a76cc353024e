package dev.fanfare.journal;

/// This node cannot follow its journal, or must not: where the order lives is not as it has to be,
/// or what the node has stored does not belong to it. The message says what to do.
public final class UnusableJournalException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnusableJournalException(String message) {
    super(message);
  }

  public UnusableJournalException(String message, Throwable cause) {
    super(message, cause);
  }
}
