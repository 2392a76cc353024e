package dev.fanfare.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.app.Mint;
import dev.fanfare.replica.Replay;
import dev.fanfare.schema.Entry;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.RocksStore;
import dev.fanfare.store.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;

/// A node on a real store with its backups, and what is restored from them.
final class BackupFixture implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path root;
  private final TestClock clock = new TestClock();
  private final Random random = new Random(7);
  private Path data;
  private RocksStore store;
  private TestNode node;
  private Backups backups;
  private int restored;

  BackupFixture(Path root) {
    this.root = root;
    data = root.resolve("data");
    open();
  }

  private void open() {
    store = RocksStore.open(data.resolve("store"), 8 << 20);
    node = TestNode.start(store, clock);
    backups =
        new Backups(
            new Backups.Node(store, node.journal()),
            new Backups.Settings(data, clock, new Mint(random), "test"));
  }

  /// Goes on with another data directory.
  void moveTo(Path other) {
    close();
    data = other;
    open();
  }

  Path data() {
    return data;
  }

  Path directory() {
    return root.resolve("backups");
  }

  TestNode node() {
    return node;
  }

  TestClock clock() {
    return clock;
  }

  Backups backups() {
    return backups;
  }

  /// Registers members, a second apart.
  void register(String... ids) {
    for (String id : ids) {
      clock.advance(Duration.ofSeconds(1));
      node.register(id, "vip");
    }
  }

  String position() {
    return node.replica().position().toString();
  }

  /// Makes a backup and waits until it ended.
  Backup backUp() {
    return backUp(directory(), 0);
  }

  Backup backUp(Path directory, int keep) {
    Backups.Begun begun = backups.begin(directory, keep, "admin");
    assertThat(begun).isInstanceOf(Backups.Begun.Started.class);
    return await(((Backups.Begun.Started) begun).backup().id());
  }

  /// What a backup that is done holds.
  static Backup.End end(Backup done) {
    return Objects.requireNonNull(done.end());
  }

  /// A backup as it ended.
  Backup await(String id) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Optional<Backup> found =
          backups.list().stream().filter(backup -> backup.id().equals(id)).findFirst();
      if (found.isPresent() && found.get().state() != Backup.State.RUNNING) {
        return found.get();
      }
      assertThat(System.nanoTime()).as("%s", found).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  List<Manifest> manifests() {
    return new BackupDirectory(directory()).manifests();
  }

  /// Drops the oldest entries of the journal.
  void purge(long upTo) {
    Batch batch = new Batch(store);
    batch.deleteRange(Table.JOURNAL, Key.bytes(0L), Key.bytes(upTo + 1));
    store.write(batch);
  }

  /// Writes what is in memory into table files.
  void flush() throws IOException {
    Path scratch = root.resolve("flushed");
    store.copyInto(scratch);
    Directories.delete(scratch);
  }

  /// What was restored.
  record Result(Path data, Restore.Report report) {
    RocksStore open() {
      return RocksStore.openReadOnly(data.resolve("store"));
    }
  }

  Result restore(Target target) throws IOException {
    return restore(target, Optional.empty());
  }

  Result restore(Target target, Optional<Path> lost) throws IOException {
    Path to = root.resolve("restored-" + restored++);
    Path store = Files.createDirectories(to.resolve("store"));
    Restore restore = new Restore(directory(), lost.map(path -> path.resolve("store")), target);
    return new Result(to, restore.into(store, new Restore.World(clock, new Mint(random))));
  }

  /// Checks that a store is what its own journal says, from the first entry on, and that its
  /// journal begins like another one.
  static void assertFollows(RocksStore store, SortedMap<Long, Entry> original, long upTo) {
    MemoryStore copy = Replay.copy(store);
    SortedMap<Long, Entry> entries = Replay.entries(copy);
    assertThat(entries.headMap(upTo + 1)).isEqualTo(original.headMap(upTo + 1));
    assertThat(Replay.checksum(copy))
        .isEqualTo(Replay.checksum(Replay.play(entries, new Random(1))));
  }

  /// The journal of the running node.
  SortedMap<Long, Entry> journal() {
    return Replay.entries(Replay.copy(store));
  }

  @Override
  public void close() {
    backups.close();
    node.close();
    store.close();
  }
}
