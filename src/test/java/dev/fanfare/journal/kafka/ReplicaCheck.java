package dev.fanfare.journal.kafka;

import dev.fanfare.replica.Replay;
import dev.fanfare.replica.Replica;
import dev.fanfare.store.RocksStore;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/// Sums up the state of a node that was stopped, once it has applied everything that the topic
/// holds. Appends nothing, so that several nodes come to the same end.
public final class ReplicaCheck {
  private static final Duration WITHIN = Duration.ofSeconds(60);

  private ReplicaCheck() {}

  /// A logical checksum of everything that follows from the journal.
  ///
  /// @param data the directory of a node that ran with `--dev`
  public static String checksum(KafkaBrokers brokers, String topic, Path data) {
    CellKey key = new CellKey(new byte[CellKey.BYTES], new SecureRandom());
    KafkaSettings settings = new KafkaSettings(brokers.servers(), topic, Map.of(), key);
    AtomicBoolean broken = new AtomicBoolean();
    try (RocksStore store = RocksStore.open(data.resolve("store"), 8 << 20)) {
      Follower.Parts parts =
          new Follower.Parts(
              settings,
              KafkaJournal.topicId(settings),
              0,
              store,
              new Replica(store),
              new BrokerClock(),
              System::nanoTime,
              () -> broken.set(true));
      try (Follower follower = new Follower(parts)) {
        follower.start();
        if (!follower.progress().awaitBelow(end(settings), WITHIN) || broken.get()) {
          throw new AssertionError("the node in " + data + " does not catch up");
        }
      }
      return Replay.checksum(store);
    }
  }

  private static long end(KafkaSettings settings) {
    TopicPartition partition = new TopicPartition(settings.topic(), 0);
    try (Consumer<byte[], byte[]> consumer = settings.consumer()) {
      return consumer.endOffsets(List.of(partition), WITHIN).getOrDefault(partition, -1L);
    }
  }
}
