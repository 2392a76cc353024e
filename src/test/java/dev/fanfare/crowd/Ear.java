package dev.fanfare.crowd;

import org.jspecify.annotations.Nullable;

/// What makes something of the broadcasts that a device hears. Its event loop calls it.
public interface Ear {
  /// @param offset of the broadcast's position
  /// @param number in the broadcast's body
  /// @return what is wrong with hearing this one now, or null
  @Nullable String hear(long offset, int number);
}
