package dev.fanfare.backup;

import dev.fanfare.schema.BackupFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/// Writes a whole backup as a tar, which unpacks to a directory of backups with this one in it. A
/// tar that was cut off has no manifest, so what is unpacked from it is no backup.
final class TarDestination implements Destination {
  private static final int OWNER_ONLY = 0100600;

  private final TarArchiveOutputStream tar;
  private final String cell;
  private final Set<String> written = new HashSet<>();
  private long added;

  TarDestination(OutputStream out, String cell) {
    this.cell = cell;
    tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
  }

  @Override
  public Optional<Manifest> latest() {
    return Optional.empty();
  }

  @Override
  public boolean has(BackupFile file) {
    return false;
  }

  @Override
  public BackupFile add(String name, Path file) throws IOException {
    String sha256 = Hashing.of(file);
    long bytes = Files.size(file);
    if (written.add(sha256)) {
      begin("files/" + sha256, bytes);
      if (!Hashing.copy(file, tar).equals(sha256)) {
        throw new BackupException(file + " changed while it was read");
      }
      tar.closeArchiveEntry();
      added += bytes;
    }
    return BackupFile.newBuilder()
        .setName(name)
        .setBytes(bytes)
        .setSha256(sha256)
        .setModified(Files.getLastModifiedTime(file).toString())
        .build();
  }

  @Override
  public void finish(Manifest manifest) throws IOException {
    write("cell", (cell + "\n").getBytes(StandardCharsets.UTF_8));
    byte[] bytes = manifest.toBytes();
    write(BackupDirectory.manifestName(manifest.number(), bytes), bytes);
    tar.finish();
    tar.flush();
  }

  private void write(String name, byte[] bytes) throws IOException {
    begin(name, bytes.length);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  private void begin(String name, long bytes) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(bytes);
    entry.setMode(OWNER_ONLY);
    tar.putArchiveEntry(entry);
  }

  @Override
  public long added() {
    return added;
  }

  /// The stream belongs to whoever opened it.
  @Override
  public void close() {}
}
