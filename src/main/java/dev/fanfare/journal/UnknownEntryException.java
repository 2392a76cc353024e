package dev.fanfare.journal;

/// The journal holds an entry that this version does not understand. It is never skipped: the node
/// stops, and a newer version has to go on.
public final class UnknownEntryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnknownEntryException(String message) {
    super(message);
  }
}
