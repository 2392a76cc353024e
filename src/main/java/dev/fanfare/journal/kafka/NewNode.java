package dev.fanfare.journal.kafka;

import dev.fanfare.journal.UnusableJournalException;
import dev.fanfare.schema.BeginFromBackup;
import dev.fanfare.schema.Command;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.Table;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// A node that has no state yet, in front of its topic: what the topic can still tell it, and how
/// it begins from a backup. One thread.
public final class NewNode implements AutoCloseable {
  private final KafkaSettings settings;
  private final String topicId;
  private final Consumer<byte[], byte[]> consumer;
  private final TopicLook topic;

  /// @throws UnusableJournalException when the topic is not as it has to be
  public NewNode(KafkaSettings settings) {
    this.settings = settings;
    TopicPartition partition = new TopicPartition(settings.topic(), 0);
    try {
      this.topicId = KafkaJournal.topicId(settings);
      this.consumer = settings.consumer();
    } catch (KafkaException e) {
      throw new UnusableJournalException("Kafka cannot be used: " + e.getMessage(), e);
    }
    consumer.assign(List.of(partition));
    this.topic = new TopicLook(consumer, partition);
  }

  /// Whether nothing was ever appended.
  public boolean isFirst() {
    return topic.end() == 0;
  }

  /// Whether the topic still has its first entry.
  public boolean hasFirstEntry() {
    return topic.begin() == 0;
  }

  /// Whether a state that stands at a place can go on from there.
  public boolean leadsOnFrom(TopicPlace place) {
    return place.topic().equals(topicId)
        && place.offset() >= topic.begin()
        && place.offset() < topic.end();
  }

  /// The backup that the cell began from; empty when it began without one, or when the entry that
  /// says so was trimmed.
  public Optional<BeginFromBackup> beginning() {
    return topic.beginning(settings.key());
  }

  /// Appends the first entry of the topic. Another node may be faster; [#beginning] tells.
  ///
  /// @throws UnusableJournalException when Kafka does not take it
  public void begin(BeginFromBackup command) {
    Command entry = Command.newBuilder().setActor("node").setBeginFromBackup(command).build();
    byte[] value = new Envelope(new SecureRandom().nextLong(), 1, 0, entry).encode(settings.key());
    try (Producer<byte[], byte[]> producer = settings.producer()) {
      var _ = producer.send(new ProducerRecord<>(settings.topic(), 0, null, value)).get();
    } catch (ExecutionException | KafkaException e) {
      throw new UnusableJournalException("Kafka did not take the first entry: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnusableJournalException("interrupted", e);
    }
  }

  /// Has a store, which holds the backup that the cell began from, follow the topic from its first
  /// entry. Entries of an embedded journal go: what comes is not stored beside them.
  ///
  /// @param offset of the backup in the journal
  public void standBeforeFirst(Store store, long offset) {
    Batch batch = new Batch(store);
    Standing.before(new Standing.Ground(topicId, offset, settings.key().id())).put(batch);
    batch.deleteRange(Table.JOURNAL, Key.bytes(0L), Key.bytes(Long.MAX_VALUE));
    store.write(batch);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
