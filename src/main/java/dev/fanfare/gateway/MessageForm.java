package dev.fanfare.gateway;

import dev.fanfare.broadcast.Broadcast;

/// Turns the message of a broadcast, as its sender's format stored it, into the JSON object that
/// devices get. One per format.
@FunctionalInterface
public interface MessageForm {

  /// UTF-8 JSON.
  byte[] render(Broadcast broadcast);
}
