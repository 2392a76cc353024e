package dev.fanfare.journal.kafka;

import dev.fanfare.TestNode;
import dev.fanfare.store.Store;
import java.security.SecureRandom;
import java.util.Map;

/// Nodes on a topic of the shared brokers.
final class TestTopic {
  private TestTopic() {}

  static CellKey key(int number) {
    byte[] key = new byte[CellKey.BYTES];
    key[0] = (byte) number;
    return new CellKey(key, new SecureRandom());
  }

  static KafkaSettings settings(String topic) {
    return new KafkaSettings(KafkaBrokers.shared().servers(), topic, Map.of(), key(0));
  }

  static TestNode node(KafkaSettings settings, Store store) {
    return TestNode.start(
        store,
        (on, state, onBroken) -> new KafkaJournal(settings, on, state, onBroken),
        TestNode.bootstrap());
  }
}
