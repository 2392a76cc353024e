package dev.fanfare.gateway;

import dev.fanfare.broadcast.Broadcast;
import java.util.Optional;

/// Turns the message of a broadcast, as its sender's format stored it, into the JSON object that
/// devices get. One per format.
@FunctionalInterface
public interface MessageForm {

  /// UTF-8 JSON.
  byte[] render(Broadcast broadcast);

  /// What devices are told of a withdrawn broadcast beside its id: UTF-8 JSON, or nothing.
  default Optional<byte[]> renderWithdrawal(Broadcast broadcast) {
    return Optional.empty();
  }
}
