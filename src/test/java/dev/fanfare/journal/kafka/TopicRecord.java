package dev.fanfare.journal.kafka;

import dev.fanfare.schema.Command;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;

/// An entry of the journal as it lies in the topic.
///
/// @param stamp the broker's, in milliseconds since the epoch
/// @param deadline until when it may have been stamped in order to take effect; 0 for always
public record TopicRecord(long stamp, long deadline, Command command) {
  private static final Duration WITHIN = Duration.ofMinutes(1);

  /// Whether every node takes it into account.
  public boolean takesEffect() {
    return deadline == 0 || stamp <= deadline + 1_000;
  }

  /// Reads all of a topic whose nodes run with `--dev`.
  public static void each(KafkaBrokers brokers, String topic, Consumer<TopicRecord> each) {
    CellKey key = new CellKey(new byte[CellKey.BYTES], new SecureRandom());
    KafkaSettings settings = new KafkaSettings(brokers.servers(), topic, Map.of(), key);
    TopicPartition partition = new TopicPartition(topic, 0);
    try (var consumer = settings.consumer()) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, 0);
      var ends = consumer.endOffsets(List.of(partition), WITHIN);
      long end = Objects.requireNonNull(ends.get(partition));
      long deadline = System.nanoTime() + WITHIN.toNanos();
      while (consumer.position(partition) < end) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError("the topic cannot be read");
        }
        consumer
            .poll(Duration.ofMillis(200))
            .forEach(record -> {
              Envelope read = Envelope.decode(record.value(), key);
              each.accept(new TopicRecord(record.timestamp(), read.deadline(), read.command()));
            });
      }
    }
  }
}
