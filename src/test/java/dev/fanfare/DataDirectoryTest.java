package dev.fanfare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataDirectoryTest {
  @TempDir Path temporary;

  @Test
  void directory_in_use_is_refused() {
    Path path = temporary.resolve("data");
    try (DataDirectory first = DataDirectory.open(path)) {
      assertThatThrownBy(() -> DataDirectory.open(first.path()))
          .isInstanceOf(ConfigException.class)
          .hasMessage("another process uses the data directory " + path);
    }
    DataDirectory.open(path).close();
  }

  @Test
  void secrets_are_readable_by_their_owner_only() throws IOException {
    try (DataDirectory directory = DataDirectory.open(temporary)) {
      directory.writePrivate(
          directory.credentials(), JsonNodeFactory.instance.objectNode().put("a", 1));
      assertThat(Files.readString(directory.credentials())).contains("\"a\" : 1");
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.credentials())))
          .isEqualTo("rw-------");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.store())))
          .isEqualTo("rwx------");
    }
  }

  @Test
  void a_store_that_is_filled_is_there_wholly_or_not_at_all() throws IOException {
    try (DataDirectory directory = DataDirectory.open(temporary)) {
      Files.writeString(directory.store().resolve("old"), "");
      assertThatThrownBy(() ->
              directory.fill(store -> {
                write(store, "half");
                throw new IllegalStateException("cut off");
              }))
          .isInstanceOf(IllegalStateException.class);
      assertThat(directory.store()).isDirectoryContaining(file -> file.endsWith("old"));

      directory.fill(store -> assertThat(store).isEmptyDirectory());
      assertThat(directory.store()).isDirectoryContaining(file -> file.endsWith("old"));

      directory.fill(store -> write(store, "new"));
      assertThat(directory.store().toFile().list()).containsExactly("new");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.store())))
          .isEqualTo("rwx------");
      assertThat(temporary.toFile().list()).containsExactlyInAnyOrder("lock", "store");
    }
  }

  private static void write(Path directory, String name) {
    try {
      Files.writeString(directory.resolve(name), "");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void ready_file_of_an_earlier_start_is_gone() throws IOException {
    Files.writeString(temporary.resolve("ready.json"), "{}");
    try (DataDirectory directory = DataDirectory.open(temporary)) {
      assertThat(directory.ready()).doesNotExist();
    }
  }
}
