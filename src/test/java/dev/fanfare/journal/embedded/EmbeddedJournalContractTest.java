package dev.fanfare.journal.embedded;

import dev.fanfare.TestNode;
import dev.fanfare.journal.JournalContract;
import dev.fanfare.store.RocksStore;
import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/// The embedded journal, on the real store.
final class EmbeddedJournalContractTest extends JournalContract {
  @TempDir private Path directory;
  private @Nullable RocksStore store;

  @Override
  protected TestNode start() {
    closeStore();
    RocksStore opened = RocksStore.open(directory, 8 << 20);
    store = opened;
    return TestNode.start(opened, Clock.systemUTC());
  }

  @AfterEach
  void closeStore() {
    if (store != null) {
      store.close();
      store = null;
    }
  }
}
