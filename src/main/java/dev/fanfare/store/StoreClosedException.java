package dev.fanfare.store;

/// The store was closed for good, which nothing but the end of the process or of its part does.
public final class StoreClosedException extends StoreException {
  private static final long serialVersionUID = 1L;

  public StoreClosedException(String message) {
    super(message);
  }
}
