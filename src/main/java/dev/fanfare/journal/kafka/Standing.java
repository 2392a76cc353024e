package dev.fanfare.journal.kafka;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.schema.TopicStanding;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.util.Optional;

/// Where a replica stands in its topic, stored with every group.
///
/// @param topic Kafka's id of the topic
/// @param link the last entry and the hash of all up to it
/// @param entryHash SHA-256 of the last entry's bytes
/// @param keyId names the key of the cell
record Standing(String topic, Chain.Link link, byte[] entryHash, byte[] keyId) {
  private static final byte[] KEY = Key.bytes("topic");

  /// Whether a store belongs to a node that follows a topic.
  static Optional<Standing> load(Store store) {
    byte[] stored = store.get(Table.META, KEY);
    if (stored == null) {
      return Optional.empty();
    }
    try {
      TopicStanding read = TopicStanding.parseFrom(stored);
      return Optional.of(
          new Standing(
              read.getTopicId(),
              new Chain.Link(read.getOffset(), read.getHash().toByteArray()),
              read.getEntryHash().toByteArray(),
              read.getKeyId().toByteArray()));
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("the standing in the topic is damaged", e);
    }
  }

  void put(Batch batch) {
    TopicStanding record =
        TopicStanding.newBuilder()
            .setTopicId(topic)
            .setOffset(link.offset())
            .setHash(ByteString.copyFrom(link.hash()))
            .setEntryHash(ByteString.copyFrom(entryHash))
            .setKeyId(ByteString.copyFrom(keyId))
            .build();
    batch.put(Table.META, KEY, record.toByteArray());
  }
}
