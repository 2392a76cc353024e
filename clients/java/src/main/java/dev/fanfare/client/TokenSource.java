package dev.fanfare.client;

import org.jspecify.annotations.Nullable;

/// Where tokens of the member come from: usually the app's own back end.
@FunctionalInterface
public interface TokenSource {

  /// A token. Asked before the first connection, and again once the last token was refused or has
  /// ended; it may block. Called on the device's thread.
  ///
  /// @return null, or the token that was refused, to stay away
  /// @throws Exception when there is none now; it is asked again later
  @Nullable String token() throws Exception;
}
