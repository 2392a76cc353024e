package dev.fanfare.http;

/// No answer would be true: the connection is closed without one, which this dialect's clients take
/// as the sign to send the same request again.
public final class NoAnswerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public NoAnswerException() {
    super("no answer", null, false, false);
  }
}
