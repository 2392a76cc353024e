package dev.fanfare.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest {
  @TempDir Path directory;

  @Test
  void a_save_replaces_the_one_before() throws Exception {
    Path file = directory.resolve("position.json");
    FileStore store = new FileStore(file.toFile());
    assertThat(store.load()).isNull();
    store.save(new Progress("1x-1", "10001", List.of("b-1")));
    store.save(new Progress("1x-2", "10001", List.of("b-1", "b-2")));
    Progress kept = store.load();
    assertThat(kept).isNotNull();
    assertThat(kept.position()).isEqualTo("1x-2");
    assertThat(kept.ids()).containsExactly("b-1", "b-2");
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  /// The move of `java.nio` replaces on every system and tells why not; `File.renameTo` does
  /// neither.
  @Test
  void a_save_that_cannot_replace_the_file_says_why() throws Exception {
    Path file = directory.resolve("position.json");
    Files.createDirectories(file.resolve("not-empty"));
    FileStore store = new FileStore(file.toFile());
    assertThatThrownBy(() -> store.save(new Progress("1x-1", "10001", List.of())))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining(file.toString());
  }
}
