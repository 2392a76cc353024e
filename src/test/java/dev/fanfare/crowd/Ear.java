package dev.fanfare.crowd;

import org.jspecify.annotations.Nullable;

/// What makes something of the broadcasts that a device hears. Its event loop calls it.
public interface Ear {
  /// Takes in a broadcast. Returns what is wrong with hearing it now, or null.
  ///
  /// @param offset of the broadcast's position
  /// @param number in the broadcast's body
  @Nullable String hear(long offset, int number);
}
