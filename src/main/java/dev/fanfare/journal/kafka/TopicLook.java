package dev.fanfare.journal.kafka;

import dev.fanfare.journal.UnusableJournalException;
import dev.fanfare.schema.BeginFromBackup;
import dev.fanfare.schema.Command;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// What a topic holds, asked by a consumer that does not follow it yet. One thread.
///
/// @param consumer with the partition assigned
record TopicLook(Consumer<byte[], byte[]> consumer, TopicPartition partition) {
  private static final Duration WITHIN = Duration.ofSeconds(20);

  /// Offset of the oldest record that is still there, or of the next one when there is none.
  long begin() {
    return offset(() -> consumer.beginningOffsets(List.of(partition), WITHIN));
  }

  /// Offset of the next record that will be appended.
  long end() {
    return offset(() -> consumer.endOffsets(List.of(partition), WITHIN));
  }

  private long offset(Supplier<Map<TopicPartition, Long>> question) {
    try {
      return Objects.requireNonNull(
          question.get().get(partition), "Kafka names the partition asked for");
    } catch (KafkaException e) {
      throw new UnusableJournalException("Kafka cannot be used: " + e.getMessage(), e);
    }
  }

  /// What the first entry says of the backup that the cell began from; empty when it says nothing
  /// of one, or is not there.
  ///
  /// @throws UnusableJournalException when another key sealed it
  Optional<BeginFromBackup> beginning(CellKey key) {
    if (begin() > 0 || end() == 0) {
      return Optional.empty();
    }
    try {
      Command first = Envelope.decode(read(0), key).command();
      return first.hasBeginFromBackup()
          ? Optional.of(first.getBeginFromBackup())
          : Optional.empty();
    } catch (CellKey.WrongKeyException e) {
      throw new UnusableJournalException(String.valueOf(e.getMessage()), e);
    }
  }

  /// A record that is there.
  byte[] read(long offset) {
    consumer.seek(partition, offset);
    long deadline = System.nanoTime() + WITHIN.toNanos();
    while (System.nanoTime() < deadline) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
        if (record.offset() == offset) {
          return record.value();
        }
      }
    }
    throw new UnusableJournalException(
        "Kafka cannot be used: it does not give the entry at offset " + offset);
  }
}
