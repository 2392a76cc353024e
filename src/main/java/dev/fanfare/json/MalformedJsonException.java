package dev.fanfare.json;

/// A body that is not JSON, or cannot be stored and read again.
public final class MalformedJsonException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String complaint;

  MalformedJsonException(String complaint) {
    super(complaint, null, false, false);
    this.complaint = complaint;
  }

  /// What is wrong, for whoever sent it.
  public String complaint() {
    return complaint;
  }
}
