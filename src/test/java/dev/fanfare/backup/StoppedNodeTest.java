package dev.fanfare.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.app.Mint;
import dev.fanfare.store.RocksStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Backups of data directories that no server has open.
final class StoppedNodeTest {
  @TempDir Path root;
  private BackupFixture fixture;

  @BeforeEach
  void open() {
    fixture = new BackupFixture(root);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private Backup.End backUp(Path data) {
    return backUp(data, fixture.directory());
  }

  private Backup.End backUp(Path data, Path directory) {
    Backups.Settings settings =
        new Backups.Settings(data, fixture.clock(), new Mint(new Random(1)), "test");
    try (RocksStore store = RocksStore.open(data.resolve("store"), 8 << 20)) {
      return new StoppedNode(store, settings).backUp(directory, 0);
    }
  }

  @Test
  void holds_everything_to_the_very_end() throws IOException {
    fixture.register("1", "2");
    fixture.backUp();
    fixture.register("3");
    String last = fixture.position();
    var journal = fixture.journal();
    fixture.close();
    Backup.End end = backUp(fixture.data());
    assertThat(end.position()).hasToString(last);
    assertThat(end.newBytes()).isLessThan(end.bytes());
    BackupFixture.Result restored = fixture.restore(new Target.End());
    assertThat(restored.report().position()).isEqualTo(end.position());
    try (RocksStore store = restored.open()) {
      BackupFixture.assertFollows(store, journal, end.position().offset());
    }
  }

  @Test
  void a_directory_inside_of_the_data_is_refused() {
    fixture.close();
    Path data = fixture.data();
    assertThatThrownBy(() -> backUp(data, data.resolve("backups")))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("would be lost with it");
  }

  @Test
  void a_file_of_another_store_is_read_even_if_it_looks_like_one_that_is_there()
      throws IOException {
    fixture.register("1", "2");
    fixture.flush();
    fixture.backUp();
    fixture.close();
    Path twin = copyOf(fixture.data());
    damage(tableFile());
    backUp(fixture.data());
    assertThat(findings()).as("the same store is believed").hasSize(1);
    backUp(twin);
    assertThat(findings()).as("what the twin has took the place of what was damaged").isEmpty();
  }

  private List<String> findings() {
    return Backups.examine(fixture.directory());
  }

  /// Another node that has come the same way, and wrote files of the same names, sizes and times.
  private Path copyOf(Path data) throws IOException {
    Path twin = Files.createDirectories(root.resolve("twin"));
    Files.createDirectories(twin.resolve("store"));
    try (Stream<Path> files = Files.list(data.resolve("store"))) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            twin.resolve("store").resolve(file.getFileName()),
            StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    return twin;
  }

  private Path tableFile() {
    BackupDirectory directory = new BackupDirectory(fixture.directory());
    return directory.manifests().getLast().files().stream()
        .filter(file -> file.getName().endsWith(".sst"))
        .findFirst()
        .map(directory::file)
        .orElseThrow();
  }

  private static void damage(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }
}
