package dev.fanfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// A file beside a source that tells of some of its lines, a JSON object each: which were rejected
/// and why, or what differed. There is none while there is nothing to tell. What is there and is no
/// regular file, such as a link, a pipe or `/dev/null`, stays and is written to.
final class SideFile implements AutoCloseable {
  private final Path path;
  private @Nullable FileChannel file;
  private long length;

  /// @param length of what an earlier run wrote that still holds; 0 to begin anew
  /// @throws CliException when that is no longer there
  SideFile(Path path, long length) throws IOException {
    this.path = path;
    this.length = length;
    if (length > 0 && !has(length)) {
      throw CliException.badUsage(
          path
              + " lost lines that an earlier run wrote; remove its .import or .pull to start anew");
    }
    if (length == 0 && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      Files.delete(path);
    } else if (Files.exists(path)) {
      open();
    }
  }

  private boolean has(long bytes) throws IOException {
    return Files.isRegularFile(path) ? Files.size(path) >= bytes : Files.exists(path);
  }

  private FileChannel open() throws IOException {
    FileChannel opened = file;
    if (opened == null) {
      opened = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (Files.isRegularFile(path)) {
        opened.truncate(length);
        opened.position(length);
      }
      file = opened;
    }
    return opened;
  }

  void add(JsonNode line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    FileChannel opened = open();
    length += bytes.remaining();
    while (bytes.hasRemaining()) {
      opened.write(bytes);
    }
  }

  long length() {
    return length;
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
