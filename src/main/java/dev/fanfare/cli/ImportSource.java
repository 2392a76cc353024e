package dev.fanfare.cli;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/// Where an import reads from: a file or standard input, plain, gzip or zstd, which its first bytes
/// tell.
final class ImportSource implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 20;

  private final Optional<Path> file;
  private final Counted raw;
  private final BufferedInputStream content;

  /// Counts what was read of the source itself. Read by one thread, asked by any.
  private static final class Counted extends FilterInputStream {
    private volatile long count;

    Counted(InputStream stream) {
      super(stream);
    }

    @Override
    public int read() throws IOException {
      int one = super.read();
      add(one < 0 ? 0 : 1);
      return one;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      int read = super.read(bytes, from, length);
      add(Math.max(read, 0));
      return read;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // One thread writes.
    private void add(int bytes) {
      count += bytes;
    }
  }

  /// @param name of a file, or `-`
  ImportSource(String name) {
    this.file = name.equals("-") ? Optional.empty() : Optional.of(Path.of(name));
    try {
      raw = new Counted(file.isPresent() ? Files.newInputStream(file.get()) : System.in);
      content = content(new BufferedInputStream(raw, BUFFER_BYTES));
    } catch (IOException e) {
      throw CliException.badUsage("cannot read " + name + ": " + Client.why(e));
    }
  }

  private static BufferedInputStream content(BufferedInputStream coded) throws IOException {
    byte[] magic = peek(coded, 4);
    InputStream plain = coded;
    if (starts(magic, 0x1F, 0x8B)) {
      plain = new GZIPInputStream(coded, BUFFER_BYTES);
    } else if (starts(magic, 0x28, 0xB5, 0x2F, 0xFD)) {
      plain = new ZstdInputStream(coded);
    }
    BufferedInputStream content = new BufferedInputStream(plain, BUFFER_BYTES);
    if (starts(peek(content, 3), 0xEF, 0xBB, 0xBF)) {
      // The mark that some editors put before UTF-8.
      content.skipNBytes(3);
    }
    return content;
  }

  private static byte[] peek(BufferedInputStream stream, int bytes) throws IOException {
    stream.mark(bytes);
    byte[] first = stream.readNBytes(bytes);
    stream.reset();
    return first;
  }

  private static boolean starts(byte[] bytes, int... expected) {
    boolean all = bytes.length >= expected.length;
    for (int i = 0; all && i < expected.length; i++) {
      all = (bytes[i] & 0xFF) == expected[i];
    }
    return all;
  }

  /// Empty for standard input.
  Optional<Path> file() {
    return file;
  }

  /// What it holds, uncompressed.
  InputStream content() {
    return content;
  }

  /// Whether it is CSV: by its name, else by its first character.
  boolean looksLikeCsv() throws IOException {
    String name = file.map(path -> path.toString().toLowerCase(Locale.ROOT)).orElse("");
    if (name.matches("(?s).*\\.csv(\\.(gz|zst))?")) {
      return true;
    }
    byte[] first = peek(content, 1);
    return first.length > 0
        && first[0] != '{'
        && !name.matches("(?s).*\\.(ndjson|jsonl|json)(\\.(gz|zst))?");
  }

  /// How much of the file was read, from 0 to 1; less than 0 when its length is not known.
  double read() {
    try {
      long size = file.isPresent() ? Files.size(file.get()) : 0;
      return size == 0 ? -1 : (double) raw.count / size;
    } catch (IOException e) {
      return -1;
    }
  }

  @Override
  public void close() {
    try {
      content.close();
    } catch (IOException e) {
      throw CliException.failed("cannot close the file: " + e.getMessage());
    }
  }
}
