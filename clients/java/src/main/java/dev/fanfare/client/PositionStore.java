package dev.fanfare.client;

import org.jspecify.annotations.Nullable;

/// Keeps how far a device has come between runs of the app. One member, one store: a position
/// acknowledges what lies before it. Called on the device's thread; may block.
public interface PositionStore {

  /// What was saved last; null when nothing was.
  ///
  /// @throws Exception is told to [DeviceListener#onError] and counts as null
  @Nullable Progress load() throws Exception;

  /// Keeps a progress in place of the last, wholly or not at all.
  void save(Progress progress) throws Exception;
}
