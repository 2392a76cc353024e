package dev.fanfare.journal.kafka;

import dev.fanfare.store.Store;
import java.util.Optional;

/// An entry of a topic.
///
/// @param topic Kafka's id of it, which a topic of the same name that is created anew has not
/// @param offset as Kafka counts; −1 is before the first entry
public record TopicPlace(String topic, long offset) {

  /// The last entry that a store's state has; empty when it follows no topic.
  public static Optional<TopicPlace> of(Store store) {
    return Standing.load(store)
        .map(standing -> new TopicPlace(standing.ground().topic(), standing.link().offset()));
  }
}
