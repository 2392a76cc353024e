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
/// @param link the last entry and the hash of all up to it
/// @param entryHash SHA-256 of the last entry's bytes; empty before the first one
record Standing(Ground ground, Chain.Link link, byte[] entryHash) {
  private static final byte[] KEY = Key.bytes("topic");
  private static final byte[] DIVERGED = Key.bytes("topic-diverged");

  /// What stays the same for as long as a replica follows its topic.
  ///
  /// @param topic Kafka's id of it
  /// @param origin offset in the journal of the state that its first entry is applied to
  /// @param keyId names the key of the cell
  record Ground(String topic, long origin, byte[] keyId) {

    /// Offset in the journal of an entry of the topic. 0 is the empty state, so a topic's own
    /// offsets are one less.
    long journalOffset(long topicOffset) {
      return origin + 1 + topicOffset;
    }
  }

  /// Of a replica that has applied nothing of the topic yet.
  static Standing before(Ground ground) {
    return new Standing(ground, Chain.Link.START, new byte[0]);
  }

  /// Empty when the store follows no topic.
  static Optional<Standing> load(Store store) {
    byte[] stored = store.get(Table.META, KEY);
    if (stored == null) {
      return Optional.empty();
    }
    try {
      TopicStanding read = TopicStanding.parseFrom(stored);
      return Optional.of(
          new Standing(
              new Ground(read.getTopicId(), read.getOrigin(), read.getKeyId().toByteArray()),
              new Chain.Link(read.getOffset(), read.getHash().toByteArray()),
              read.getEntryHash().toByteArray()));
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("the standing in the topic is damaged", e);
    }
  }

  void put(Batch batch) {
    TopicStanding record =
        TopicStanding.newBuilder()
            .setTopicId(ground.topic())
            .setOrigin(ground.origin())
            .setOffset(link.offset())
            .setHash(ByteString.copyFrom(link.hash()))
            .setEntryHash(ByteString.copyFrom(entryHash))
            .setKeyId(ByteString.copyFrom(ground.keyId()))
            .build();
    batch.put(Table.META, KEY, record.toByteArray());
  }

  /// Notes that what the replica has applied is not what another node has.
  static void putDiverged(Batch batch) {
    batch.put(Table.META, DIVERGED, new byte[0]);
  }

  static boolean isDiverged(Store store) {
    return store.get(Table.META, DIVERGED) != null;
  }

  static void remove(Batch batch) {
    batch.delete(Table.META, KEY);
    batch.delete(Table.META, DIVERGED);
  }
}
