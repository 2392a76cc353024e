package dev.fanfare.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class SideFileTest {
  @TempDir Path directory;

  SideFileTest() {}

  private static void write(Path path, String id) throws IOException {
    try (SideFile file = new SideFile(path, 0)) {
      file.add(Client.object().put("id", id));
    }
  }

  @Test
  void file_of_an_earlier_run_goes_when_there_is_nothing_to_tell() throws IOException {
    Path path = directory.resolve("rejected");
    write(path, "a");
    assertThat(path).hasContent("{\"id\":\"a\"}");
    new SideFile(path, 0).close();
    assertThat(path).doesNotExist();
  }

  @Test
  @Timeout(20)
  @DisabledOnOs(OS.WINDOWS)
  void pipe_stays_and_is_written_to() throws Exception {
    Path pipe = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    FutureTask<String> reading = new FutureTask<>(() -> Files.readString(pipe));
    Thread.ofPlatform().daemon().start(reading);
    write(pipe, "a");
    assertThat(reading.get()).isEqualTo("{\"id\":\"a\"}\n");
    assertThat(Files.readAttributes(pipe, "isOther")).containsEntry("isOther", true);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void link_stays_and_what_it_leads_to_is_begun_anew() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "old");
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    new SideFile(link, 0).close();
    assertThat(link).isSymbolicLink();
    assertThat(file).isEmptyFile();
    write(link, "a");
    assertThat(file).hasContent("{\"id\":\"a\"}");
  }

  @Test
  void lines_of_an_earlier_run_that_are_gone_are_missed() throws IOException {
    Path path = directory.resolve("rejected");
    write(path, "a");
    long length = Files.size(path);
    new SideFile(path, length).close();
    Files.writeString(path, "{");
    assertThatThrownBy(() -> new SideFile(path, length)).hasMessageContaining("lost lines");
    Files.delete(path);
    assertThatThrownBy(() -> new SideFile(path, length)).hasMessageContaining("lost lines");
  }
}
