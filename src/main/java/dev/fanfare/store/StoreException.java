package dev.fanfare.store;

/// The disk, or what it holds, failed.
public sealed class StoreException extends RuntimeException permits StoreClosedException {
  private static final long serialVersionUID = 1L;

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }

  public StoreException(String message) {
    super(message);
  }
}
