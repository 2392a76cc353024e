package dev.fanfare.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Records that are lines of JSON already; what they say is for the server to judge.
final class JsonLines implements ImportRecords {
  /// More than the server takes of a line: what is longer is cut, and refused for its length.
  private static final int CUT_LINE_BYTES = 1 << 20;

  private final InputStream stream;
  private byte[] rest = new byte[0];
  private long taken;
  private boolean over;

  JsonLines(InputStream stream) {
    this.stream = stream;
  }

  @Override
  public @Nullable ImportPortion next() throws IOException {
    byte[] buffer = Arrays.copyOf(rest, ImportPortion.BYTES + 1);
    int end = rest.length;
    end += fill(buffer, end);
    if (end == 0) {
      return null;
    }
    int length = cut(buffer, end);
    int lines = 0;
    for (int i = 0; i < length; i++) {
      lines += buffer[i] == '\n' ? 1 : 0;
    }
    long before = taken;
    taken += lines;
    return new ImportPortion(buffer, length, lines, line -> before + line);
  }

  private int fill(byte[] buffer, int from) throws IOException {
    int read = stream.readNBytes(buffer, from, ImportPortion.BYTES - from);
    over = from + read < ImportPortion.BYTES;
    return read;
  }

  /// Ends the portion after its last whole line, and keeps the rest.
  private int cut(byte[] buffer, int end) throws IOException {
    int length = end;
    while (length > 0 && buffer[length - 1] != '\n') {
      length--;
    }
    if (over) {
      rest = new byte[0];
      if (length < end) {
        buffer[end] = '\n';
        return end + 1;
      }
      return end;
    }
    if (length == 0) {
      rest = new byte[0];
      passLine();
      buffer[CUT_LINE_BYTES] = '\n';
      return CUT_LINE_BYTES + 1;
    }
    rest = Arrays.copyOfRange(buffer, length, end);
    return length;
  }

  private void passLine() throws IOException {
    byte[] passed = new byte[64 << 10];
    for (int read; (read = stream.read(passed)) >= 0; ) {
      for (int i = 0; i < read; i++) {
        if (passed[i] == '\n') {
          rest = Arrays.copyOfRange(passed, i + 1, read);
          return;
        }
      }
    }
  }

  @Override
  public void skip(long records) throws IOException {
    byte[] passed = new byte[64 << 10];
    for (int read; taken < records && (read = stream.read(passed)) >= 0; ) {
      for (int i = 0; i < read && taken < records; i++) {
        if (passed[i] == '\n' && ++taken == records) {
          rest = Arrays.copyOfRange(passed, i + 1, read);
        }
      }
    }
  }
}
