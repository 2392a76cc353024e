package dev.fanfare.journal.kafka;

import dev.fanfare.journal.UnusableJournalException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/// Whether a node's state and the topic belong together: looked at before the node follows it.
///
/// @param consumer with the partition assigned
record StartCheck(
    Follower.Parts parts, Consumer<byte[], byte[]> consumer, TopicPartition partition) {
  private static final Duration WITHIN = Duration.ofSeconds(20);

  /// Returns where to go on.
  ///
  /// @param standing where the state stands; empty when it followed no topic yet
  /// @throws UnusableJournalException when they do not belong together
  Chain.Link check(Optional<Standing> standing) {
    List<TopicPartition> asked = List.of(partition);
    long begin = offset(consumer.beginningOffsets(asked, WITHIN));
    long end = offset(consumer.endOffsets(asked, WITHIN));
    if (standing.isPresent()) {
      check(standing.get(), begin, end);
      return standing.get().link();
    }
    if (parts.state().applied().offset() != 0) {
      throw new UnusableJournalException(
          "the data directory holds an embedded journal; a node on Kafka begins on an empty one");
    }
    if (begin > 0) {
      throw new UnusableJournalException(
          "the topic no longer has its first entries; restore the data directory from a backup");
    }
    return Chain.Link.START;
  }

  private long offset(Map<TopicPartition, Long> offsets) {
    return Objects.requireNonNull(offsets.get(partition), "Kafka names the partition asked for");
  }

  private void check(Standing standing, long begin, long end) {
    if (!standing.topic().equals(parts.topicId())) {
      throw new UnusableJournalException(
          "the data directory follows another topic (id %s); this one has id %s"
              .formatted(standing.topic(), parts.topicId()));
    }
    if (!parts.settings().key().isNamed(standing.keyId())) {
      throw new UnusableJournalException("the secret key is not the one of this cell");
    }
    long last = standing.link().offset();
    if (last >= end) {
      throw new UnusableJournalException(
          "the data directory is at offset %d of the topic, which ends at %d: entries were lost"
              .formatted(last, end - 1));
    }
    if (last < begin) {
      throw new UnusableJournalException(
          "the topic begins at offset %d and the data directory stands at %d; restore it from a"
                  .formatted(begin, last)
              + " newer backup");
    }
    if (!Arrays.equals(Chain.sha256(read(last)), standing.entryHash())) {
      throw new UnusableJournalException(
          "the topic holds another entry at offset %d than this node applied; restore the data"
                  .formatted(last)
              + " directory from a backup");
    }
  }

  private byte[] read(long offset) {
    consumer.seek(partition, offset);
    long deadline = System.nanoTime() + WITHIN.toNanos();
    while (System.nanoTime() < deadline) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
        if (record.offset() == offset) {
          return record.value();
        }
      }
    }
    throw new UnusableJournalException("the entry at offset " + offset + " cannot be read");
  }
}
