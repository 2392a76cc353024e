package dev.fanfare.clients;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The Java client in a JVM of its own. It is built by `mvn -f clients/java/pom.xml verify`, which
/// `./verify` does first; otherwise the tests are skipped and say so.
final class JvmClientIT extends DeviceClientContract {
  private static final Path BUILT = Path.of("clients", "java", "target").toAbsolutePath();

  @Override
  List<String> command(String collector, Path home) {
    assumeTrue(
        Files.isDirectory(BUILT.resolve("test-classes")) && Files.isDirectory(BUILT.resolve("lib")),
        "skipped: the Java client is not built, see ./verify");
    List<String> classpath = List.of(BUILT + "/classes", BUILT + "/test-classes", BUILT + "/lib/*");
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        String.join(File.pathSeparator, classpath),
        "dev.fanfare.client.CollectedDevice",
        collector,
        home.resolve("kept.json").toString());
  }
}
