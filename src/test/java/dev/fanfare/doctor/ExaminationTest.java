package dev.fanfare.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.TestClock;
import dev.fanfare.TestNode;
import dev.fanfare.app.Mint;
import dev.fanfare.backup.Backup;
import dev.fanfare.backup.Backups;
import dev.fanfare.replica.Replica;
import dev.fanfare.schema.Applied;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.RocksStore;
import dev.fanfare.store.Table;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each fault is planted in a healthy directory and has to be named.
final class ExaminationTest {
  private static final long MUCH = 1L << 40;

  @TempDir Path root;
  private final TestClock clock = new TestClock();
  private Path data = Path.of("");
  private Path backups = Path.of("");

  /// A node that was closed, with a flushed table and a log, and two backups of it.
  @BeforeEach
  void fill() throws IOException {
    data = root.resolve("data");
    backups = root.resolve("backups");
    try (RocksStore store = RocksStore.open(data.resolve("store"), 8 << 20);
        TestNode node = TestNode.start(store, clock);
        Backups making =
            new Backups(
                new Backups.Node(store, node.journal()),
                new Backups.Settings(data, clock, new Mint(new Random(1)), "test"))) {
      for (int i = 0; i < 2; i++) {
        node.register("m" + i, "vip");
        var _ = making.begin(backups, 0, "admin");
        while (making.list().stream().anyMatch(backup -> backup.state() == Backup.State.RUNNING)) {
          Thread.onSpinWait();
        }
      }
      node.register("last", "vip");
    }
    Files.createFile(data.resolve("lock"));
  }

  private List<String> findings(Path directory) {
    return findings(directory, MUCH, MUCH);
  }

  private List<String> findings(Path directory, long maxFiles, long freeBytes) {
    return new Examination(directory, new Examination.Machine(clock, maxFiles, _ -> freeBytes))
        .findings();
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  @Test
  void healthy_directories_have_nothing_wrong_and_are_not_changed() throws IOException {
    List<Path> before = files(data.resolve("store"));
    assertThat(findings(data)).isEmpty();
    assertThat(findings(backups)).isEmpty();
    assertThat(files(data.resolve("store"))).isEqualTo(before);
  }

  @Test
  void flipped_bit_and_truncation_of_each_table_are_found() throws IOException {
    List<Path> tables =
        files(data.resolve("store")).stream()
            .filter(file -> file.toString().endsWith(".sst"))
            .toList();
    assertThat(tables).isNotEmpty();
    for (Path table : tables) {
      byte[] bytes = Files.readAllBytes(table);
      byte[] flipped = bytes.clone();
      flipped[10] ^= 1;
      for (byte[] damaged : List.of(flipped, Arrays.copyOf(bytes, bytes.length / 2))) {
        Files.write(table, damaged);
        assertThat(findings(data))
            .singleElement()
            .asString()
            .contains(table.getFileName().toString(), "restore the last backup");
      }
      Files.write(table, bytes);
    }
    Files.delete(tables.getFirst());
    assertThat(findings(data))
        .singleElement()
        .asString()
        .contains(tables.getFirst().getFileName().toString());
  }

  @Test
  void damaged_list_of_files_is_found() throws IOException {
    Path manifest =
        files(data.resolve("store")).stream()
            .filter(file -> file.getFileName().toString().startsWith("MANIFEST"))
            .findFirst()
            .orElseThrow();
    byte[] bytes = Files.readAllBytes(manifest);
    bytes[bytes.length / 2] ^= 1;
    Files.write(manifest, bytes);
    assertThat(findings(data)).singleElement().asString().contains("restore the last backup");
  }

  @Test
  void damage_in_each_file_of_the_backups_is_found() throws IOException {
    for (Path directory : List.of(backups, backups.resolve("files"))) {
      for (Path file : files(directory)) {
        byte[] bytes = Files.readAllBytes(file);
        String name = file.getFileName().toString();
        if (bytes.length > 0 && !name.equals("cell")) {
          byte[] flipped = bytes.clone();
          flipped[bytes.length / 2] ^= 8;
          for (byte[] damaged : List.of(flipped, Arrays.copyOf(bytes, bytes.length - 1))) {
            Files.write(file, damaged);
            assertThat(findings(backups)).as(name).anyMatch(line -> line.contains(name));
          }
          Files.write(file, bytes);
        }
      }
    }
    assertThat(findings(backups)).isEmpty();
    Files.delete(files(backups.resolve("files")).getFirst());
    assertThat(findings(backups)).singleElement().asString().contains("is missing");
  }

  @Test
  void directory_in_use_is_left_alone() throws IOException {
    try (FileChannel lock = FileChannel.open(data.resolve("lock"), StandardOpenOption.WRITE)) {
      var _ = lock.lock();
      assertThat(findings(data)).first().asString().contains("a server uses it");
    }
  }

  @Test
  void journal_time_ahead_of_the_clock_is_found() {
    clock.advance(Duration.ofMinutes(-10));
    assertThat(findings(data)).singleElement().asString().contains("set the clock right");
  }

  @Test
  void state_that_only_a_newer_version_knows_is_found() throws IOException {
    byte[] key = Key.bytes("applied");
    try (RocksStore store = RocksStore.open(data.resolve("store"), 8 << 20)) {
      Applied applied = Applied.parseFrom(store.get(Table.META, key));
      Batch batch = new Batch(store);
      batch.put(
          Table.META, key, applied.toBuilder().setLevel(Replica.LEVEL + 1).build().toByteArray());
      store.write(batch);
    }
    assertThat(findings(data)).singleElement().asString().contains("start a newer version");
  }

  @Test
  void full_disk_and_few_files_are_found() {
    assertThat(findings(data, MUCH, 100 << 20))
        .singleElement()
        .asString()
        .contains("the disk has 100 MB left", "min-free-space (512 MB", "free some space");
    assertThat(findings(backups, 1_024, MUCH))
        .singleElement()
        .asString()
        .contains("may open 1024 files", "ulimit -n");
  }

  @Test
  void other_directories_and_restores_that_were_cut_off_are_told_apart() throws IOException {
    assertThat(findings(root)).singleElement().asString().contains("neither a data directory");
    Path cut = root.resolve("cut");
    Files.createDirectories(cut.resolve("store.restoring"));
    assertThat(findings(cut)).singleElement().asString().contains("restore into it was cut off");
  }
}
