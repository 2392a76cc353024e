package dev.fanfare.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// Standard output that ends the command when it takes no more, where `System.out` would go on and
/// hide that something is missing. Not buffered.
public final class StandardOutput extends OutputStream {
  private final OutputStream out;

  public StandardOutput() {
    this(new FileOutputStream(FileDescriptor.out));
  }

  public StandardOutput(OutputStream out) {
    this.out = out;
  }

  /// @throws CliException when not all could be written
  @Override
  public void write(byte[] bytes, int from, int length) {
    try {
      out.write(bytes, from, length);
    } catch (IOException e) {
      // The system's own words; where it says them in another language this is told as a failure.
      throw "Broken pipe".equals(e.getMessage())
          ? CliException.readerLeft()
          : CliException.failed("standard output takes no more: " + Client.why(e));
    }
  }

  @Override
  public void write(int one) {
    write(new byte[] {(byte) one}, 0, 1);
  }
}
