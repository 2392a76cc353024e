package dev.fanfare.clients;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A program outside of the JVM that a test needs.
final class Tool {
  private Tool() {}

  /// Whether a command ends well within two minutes. What it printed is in `tool.log` of its
  /// directory, which is made.
  static boolean succeeds(Path directory, List<String> command) throws InterruptedException {
    try {
      Files.createDirectories(directory);
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("tool.log").toFile())
              .start();
      if (!process.waitFor(120, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
