package dev.fanfare.client;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/// A store in one file, replaced whole. On Android a file of the app's `getFilesDir()`.
///
/// It is written to the operating system, not forced to the disk: after a power loss a device may
/// find an older state, and hears what follows it again.
public final class FileStore implements PositionStore {
  private final File file;

  public FileStore(File file) {
    this.file = file;
  }

  @Override
  public @Nullable Progress load() throws IOException {
    if (!file.exists()) {
      return null;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (InputStream in = new FileInputStream(file)) {
      byte[] part = new byte[8_192];
      for (int n = in.read(part); n >= 0; n = in.read(part)) {
        bytes.write(part, 0, n);
      }
    }
    return Progress.fromJson(new String(bytes.toByteArray(), StandardCharsets.UTF_8));
  }

  @Override
  public void save(Progress progress) throws IOException {
    File next = new File(file.getPath() + ".new");
    try (FileOutputStream out = new FileOutputStream(next)) {
      out.write(progress.toJson().getBytes(StandardCharsets.UTF_8));
    }
    replaceWith(next);
  }

  /// Where `java.nio.file` is, an atomic move replaces, on Windows too; a rename does not there.
  /// Android has it from API 26 on; on older ones a rename replaces.
  private void replaceWith(File next) throws IOException {
    try {
      Files.move(next.toPath(), file.toPath(), StandardCopyOption.ATOMIC_MOVE);
    } catch (LinkageError e) {
      if (!next.renameTo(file)) {
        throw new IOException("cannot replace " + file, e);
      }
    }
  }
}
