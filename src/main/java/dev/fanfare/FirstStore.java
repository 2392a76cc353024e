package dev.fanfare;

import dev.fanfare.app.Mint;
import dev.fanfare.backup.FirstState;
import dev.fanfare.journal.kafka.KafkaJournal;
import dev.fanfare.journal.kafka.NewNode;
import dev.fanfare.replica.Replica;
import dev.fanfare.store.RocksStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;

/// Opens the store of a node. One on Kafka that has no state yet first takes that of a backup in
/// the shared directory, if there is one to begin from.
record FirstStore(Config config, DataDirectory directory) {

  /// @throws ConfigException when the shared directory is not there
  RocksStore open(SecureRandom random) {
    RocksStore store = open();
    Cluster cluster = config.ordering().cluster();
    Path backups = config.ordering().backups();
    if (cluster == null || backups == null || hasState(store)) {
      return store;
    }
    store.close();
    if (!Files.isDirectory(backups)) {
      throw new ConfigException("backup-dir: there is no directory " + backups);
    }
    try (NewNode node = new NewNode(cluster.settings())) {
      directory.fill(empty -> new FirstState(backups, new Mint(random)).into(empty, node));
    }
    return open();
  }

  private RocksStore open() {
    Config.Capacity capacity = config.capacity();
    return RocksStore.open(
        directory.store(), capacity.blockCache().bytes(), capacity.minFreeSpace().bytes());
  }

  private static boolean hasState(RocksStore store) {
    return Replica.applied(store).offset() > 0 || KafkaJournal.follows(store);
  }
}
