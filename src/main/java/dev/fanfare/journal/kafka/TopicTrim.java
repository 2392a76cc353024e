package dev.fanfare.journal.kafka;

import dev.fanfare.journal.UnusableJournalException;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/// Removes the oldest entries of a topic. One thread.
public final class TopicTrim implements AutoCloseable {
  private static final long NONE = -1;

  /// What brokers that may be away were asked is not waited for.
  private static final Duration CLOSE_WITHIN = Duration.ofMillis(500);

  private final KafkaSettings settings;
  private final TopicPartition partition;
  private final Admin admin;

  public TopicTrim(KafkaSettings settings) {
    this.settings = settings;
    this.partition = new TopicPartition(settings.topic(), 0);
    this.admin = settings.admin();
  }

  /// Whether a place lies in this topic.
  ///
  /// @throws UnusableJournalException when the brokers do not say
  public boolean has(TopicPlace place) {
    try {
      return new CellTopic(admin, settings.topic(), CellTopic.Form.JOURNAL)
          .id()
          .filter(place.topic()::equals)
          .isPresent();
    } catch (KafkaException e) {
      throw new UnusableJournalException("Kafka failed: " + e.getMessage(), e);
    }
  }

  /// Removes the entries below an offset of the topic that were stamped before a time. Returns the
  /// offset of the oldest one left, if any was removed.
  ///
  /// @param time in milliseconds since the epoch
  /// @throws UnusableJournalException when the brokers do not do it
  public OptionalLong below(long offset, long time) {
    long young = ask(OffsetSpec.forTimestamp(time));
    long to = Math.min(offset, young == NONE ? ask(OffsetSpec.latest()) : young);
    if (to <= ask(OffsetSpec.earliest())) {
      return OptionalLong.empty();
    }
    var _ = get(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(to))).all());
    return OptionalLong.of(to);
  }

  private long ask(OffsetSpec which) {
    ListOffsetsResult answer = admin.listOffsets(Map.of(partition, which));
    return get(answer.partitionResult(partition)).offset();
  }

  private static <T> T get(KafkaFuture<T> answer) {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw new UnusableJournalException("Kafka failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnusableJournalException("interrupted", e);
    }
  }

  @Override
  public void close() {
    admin.close(CLOSE_WITHIN);
  }
}
