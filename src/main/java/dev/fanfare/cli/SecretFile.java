package dev.fanfare.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// Files with one secret, so that it appears neither in the history of a shell nor in the list of
/// processes.
final class SecretFile {
  private SecretFile() {}

  /// The contents without white space around them.
  static String read(String file) {
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException | InvalidPathException e) {
      throw CliException.badUsage("cannot read " + file);
    }
  }
}
