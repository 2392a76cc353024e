package dev.fanfare.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.TestNode;
import dev.fanfare.app.Cell;
import dev.fanfare.app.Mint;
import dev.fanfare.journal.Position;
import dev.fanfare.journal.UnusableJournalException;
import dev.fanfare.journal.kafka.CellKey;
import dev.fanfare.journal.kafka.KafkaBrokers;
import dev.fanfare.journal.kafka.KafkaJournal;
import dev.fanfare.journal.kafka.KafkaSettings;
import dev.fanfare.journal.kafka.NewNode;
import dev.fanfare.journal.kafka.ReplicaCheck;
import dev.fanfare.journal.kafka.TopicPlace;
import dev.fanfare.journal.kafka.TopicTrim;
import dev.fanfare.replica.Replay;
import dev.fanfare.schema.BackupFile;
import dev.fanfare.store.RocksStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a node with an empty data directory begins from, on a topic of real brokers that is empty,
/// whole or trimmed.
@Timeout(120)
final class FirstStateIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final long EVER = Long.MAX_VALUE / 2;

  @TempDir private Path root;

  private final String topic = "first-" + UUID.randomUUID();
  private final Mint mint = new Mint(new SecureRandom());
  private final KafkaSettings settings =
      new KafkaSettings(
          KafkaBrokers.shared().servers(),
          topic,
          Map.of(),
          new CellKey(new byte[CellKey.BYTES], new SecureRandom()));

  /// A node on a real store.
  private record Running(Path data, RocksStore store, TestNode node) implements AutoCloseable {
    boolean has(String member) {
      return node.replica().member(node.app(), member).isPresent();
    }

    @Override
    public void close() {
      node.close();
      store.close();
    }
  }

  private BackupDirectory backups() {
    return new BackupDirectory(root.resolve("backups"));
  }

  /// Starts a node of this name; a new one begins as the server has it begin.
  private Running start(String name) {
    Path data = root.resolve(name);
    Path directory = data.resolve("store");
    if (!Files.exists(directory)) {
      createDirectories(directory);
      begin(directory);
    }
    return open(data);
  }

  private void begin(Path directory) {
    createDirectories(backups().path());
    try (NewNode node = new NewNode(settings)) {
      new FirstState(backups().path(), mint).into(directory, node);
    }
  }

  private static void createDirectories(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Running open(Path data) {
    RocksStore store = RocksStore.open(data.resolve("store"), 8 << 20);
    try {
      TestNode node =
          TestNode.start(
              store,
              (on, state, onBroken) -> new KafkaJournal(settings, on, state, onBroken),
              TestNode.bootstrap());
      return new Running(data, store, node);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private Running startEmbedded(String name) {
    Path data = root.resolve(name);
    RocksStore store = RocksStore.open(data.resolve("store"), 8 << 20);
    return new Running(data, store, TestNode.start(store, Clock.systemUTC()));
  }

  private Position backUp(Running running) {
    return backUp(running.data(), running.store());
  }

  private Position backUp(Path data, RocksStore store) {
    Backups.Settings settings = new Backups.Settings(data, Clock.systemUTC(), mint, "test");
    return new StoppedNode(store, settings).backUp(backups().path(), 0).position();
  }

  private Manifest newest() {
    return backups().manifests().getLast();
  }

  /// Changes a byte of a file that the newest backup alone has.
  private void damageNewest() throws IOException {
    Set<String> others = new HashSet<>();
    backups().manifests().reversed().stream()
        .skip(1)
        .flatMap(backup -> backup.files().stream())
        .forEach(file -> others.add(file.getSha256()));
    BackupFile own =
        newest().files().stream()
            .filter(file -> file.getBytes() > 0 && !others.contains(file.getSha256()))
            .findFirst()
            .orElseThrow();
    byte[] bytes = Files.readAllBytes(backups().file(own));
    bytes[bytes.length / 2] ^= 1;
    Files.write(backups().file(own), bytes);
  }

  private OptionalLong trim(long below, long time) {
    try (TopicTrim trim = new TopicTrim(settings)) {
      return trim.below(below, time);
    }
  }

  private boolean topicIs(boolean whole) {
    try (NewNode look = new NewNode(settings)) {
      return look.hasFirstEntry() == whole;
    }
  }

  @Test
  void a_new_node_begins_from_the_newest_whole_backup_and_ends_like_the_others() throws Exception {
    try (Running a = start("a")) {
      a.node().registerSurely("1");
      backUp(a);
      a.node().registerSurely("2");
      backUp(a);
      TopicPlace whole = newest().place().orElseThrow();
      a.node().registerSurely("3");
      backUp(a);
      damageNewest();
      await(a.node().journal()::onDuty);
      try (TopicTrimming _ =
          new TopicTrimming(
              backups().path(), new TopicTrim(settings), a.node().journal(), Duration.ZERO)) {
        await(() -> topicIs(false));
      }
      assertThat(trim(whole.offset(), EVER)).as("as far as the newest whole one").isEmpty();
      assertThat(trim(whole.offset() + 1, EVER)).as("and no farther").isPresent();
      assertThatThrownBy(() -> start("without its last entry"))
          .isInstanceOf(BackupException.class)
          .hasMessageContaining("no backup")
          .hasMessageContaining("reaches");
      a.node().registerSurely("4");
      backUp(a);
      try (Running b = start("b")) {
        b.node().registerSurely("5");
        await(() -> a.node().journal().barrier());
        for (String member : Set.of("1", "2", "3", "4", "5")) {
          assertThat(a.has(member)).isTrue();
          assertThat(b.has(member)).isTrue();
        }
        assertThat(b.node().broken()).isFalse();
      }
    }
    assertThat(checksum("b")).isEqualTo(checksum("a"));
  }

  private String checksum(String name) {
    return ReplicaCheck.checksum(KafkaBrokers.shared(), topic, root.resolve(name));
  }

  @Test
  void a_cell_goes_on_in_an_empty_topic_from_the_newest_backup_and_every_node_loads_that_one()
      throws Exception {
    Position end;
    try (Running embedded = startEmbedded("embedded")) {
      embedded.node().registerSurely("before");
      backUp(embedded);
      // So many that offsets in the topic stay below those of the journal.
      for (int i = 0; i < 100; i++) {
        embedded.node().registerSurely("more" + i);
      }
      embedded.node().registerSurely("last");
      end = backUp(embedded);
    }
    try (Running a = start("a")) {
      assertThat(a.has("last")).isTrue();
      assertThat(a.node().replica().position().offset()).isGreaterThan(end.offset());
      assertThat(a.node().replica().cell().orElseThrow().epochs())
          .hasSize(2)
          .last()
          .extracting(Cell.Epoch::firstOffset)
          .isEqualTo(end.offset() + 1);
      assertThat(a.node().replica().place(end)).isEqualTo(new Cell.Place.Exact(end.offset()));
      a.node().registerSurely("on the topic");
      try (Running stray = startEmbedded("embedded")) {
        stray.node().registerSurely("stray");
        backUp(stray);
      }
      try (Running b = start("b")) {
        assertThat(b.has("on the topic")).isTrue();
        assertThat(b.has("stray")).isFalse();
      }
    }
    try (Running b = start("b")) {
      assertThat(b.has("on the topic")).as("after a restart").isTrue();
    }
    assertThat(checksum("b")).isEqualTo(checksum("a"));
    try (RocksStore store = RocksStore.openReadOnly(root.resolve("a/store"))) {
      assertThat(TopicPlace.of(store).orElseThrow().offset()).isLessThan(end.offset());
    }
    assertThatThrownBy(() -> open(root.resolve("without-backups")))
        .isInstanceOf(UnusableJournalException.class)
        .hasMessageContaining("this cell began from a backup: set backup-dir");
    try (Running back = startRestored("a")) {
      assertThat(back.has("last") && back.has("on the topic")).isTrue();
      assertThat(back.node().replica().cell().orElseThrow().epochs()).hasSize(3);
      assertThat(back.node().replica().place(end)).isEqualTo(new Cell.Place.Exact(end.offset()));
    }
  }

  /// Moves a stopped node on Kafka back to an embedded journal.
  private Running startRestored(String name) throws IOException {
    Path data = root.resolve(name);
    Position last;
    try (RocksStore store = RocksStore.open(data.resolve("store"), 8 << 20)) {
      assertThat(Replay.entries(Replay.copy(store))).as("entries are in the topic").isEmpty();
      last = backUp(data, store);
    }
    Path restored = Files.createDirectories(root.resolve("restored/store"));
    Restore.Report report =
        new Restore(backups().path(), Optional.empty(), new Target.End())
            .into(restored, new Restore.World(Clock.systemUTC(), mint));
    assertThat(report.position()).isEqualTo(last);
    return startEmbedded("restored");
  }

  @Test
  void a_damaged_newest_backup_is_not_passed_over_when_a_cell_begins() throws Exception {
    try (Running embedded = startEmbedded("embedded")) {
      backUp(embedded);
      embedded.node().registerSurely("last");
      backUp(embedded);
    }
    damageNewest();
    assertThatThrownBy(() -> start("a"))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("is damaged");
    try (NewNode look = new NewNode(settings)) {
      assertThat(look.isFirst()).as("nothing was appended").isTrue();
    }
  }

  @Test
  void a_node_that_needs_what_was_trimmed_says_so_and_begins_anew_on_an_empty_directory() {
    try (Running a = start("a")) {
      try (Running b = start("b")) {
        b.node().registerSurely("1");
      }
      a.node().registerSurely("2");
      backUp(a);
      a.node().registerSurely("3");
      long last = newest().place().orElseThrow().offset();
      assertThat(trim(last, 0)).as("young entries stay").isEmpty();
      assertThat(trim(last, EVER)).hasValue(last);
      assertThatThrownBy(() -> start("b"))
          .isInstanceOf(UnusableJournalException.class)
          .hasMessageContaining("what it needs was trimmed")
          .hasMessageContaining("start on an empty one with backup-dir set");
      assertThatThrownBy(() -> open(root.resolve("without-backups")))
          .isInstanceOf(UnusableJournalException.class)
          .hasMessageContaining("no longer has its first entries: set backup-dir");
      try (Running b = start("b-anew")) {
        assertThat(b.has("1") && b.has("2") && b.has("3")).isTrue();
      }
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + SOON.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      Thread.sleep(50);
    }
  }
}
