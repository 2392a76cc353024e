package dev.fanfare.journal.kafka;

import dev.fanfare.TestNode;
import dev.fanfare.journal.JournalContract;
import dev.fanfare.store.RocksStore;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/// The journal on Kafka, on three real brokers and the real store.
final class KafkaJournalContractIT extends JournalContract {
  @TempDir private Path directory;
  private final KafkaSettings settings = TestTopic.settings("contract-" + UUID.randomUUID());
  private @Nullable RocksStore store;

  @Override
  protected TestNode start() {
    closeStore();
    RocksStore opened = RocksStore.open(directory, 8 << 20);
    store = opened;
    return TestTopic.node(settings, opened);
  }

  @AfterEach
  void closeStore() {
    if (store != null) {
      store.close();
      store = null;
    }
  }
}
