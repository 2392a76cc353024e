package dev.fanfare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `./fanfare` in a checkout whose build gives the packaged jar.
final class LauncherIT {
  private static final Path BUILT = Path.of("target").toAbsolutePath();

  @TempDir Path checkout;

  @BeforeEach
  void make() throws IOException {
    for (String directory : List.of("src/main", "bin", "target", "tools")) {
      Files.createDirectories(checkout.resolve(directory));
    }
    Files.createFile(checkout.resolve("pom.xml"));
    Files.copy(Path.of("bin/find-jdk"), checkout.resolve("bin/find-jdk"));
    Files.copy(Path.of("fanfare"), checkout.resolve("fanfare"));
    Files.createSymbolicLink(checkout.resolve("target/lib"), BUILT.resolve("lib"));
    Path maven = checkout.resolve("tools/mvn");
    Files.writeString(maven, "#!/bin/sh\ncp '%s'/fanfare-*[0-9].jar target/\n".formatted(BUILT));
    Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwx------"));
  }

  @AfterEach
  void unlink() throws IOException {
    Files.delete(checkout.resolve("target/lib"));
  }

  @Test
  void settings_of_the_environment_do_not_reach_the_training() throws Exception {
    Process launcher =
        launch(Map.of("FANFARE_CONFIG", "/none.yaml", "FANFARE_JOURNAL", "kafka"), "--version");
    assertThat(launcher.waitFor(90, TimeUnit.SECONDS)).isTrue();
    assertThat(launcher.exitValue()).as("%s", output()).isZero();
    assertThat(checkout.resolve("target/fanfare.aot")).as("what the training made").exists();
    assertThat(trainings()).isEmpty();
  }

  @Test
  void a_training_that_is_interrupted_leaves_no_process_and_no_directory() throws Exception {
    Process launcher = launch(Map.of(), "--version");
    await(() -> trainings().stream().anyMatch(made -> Files.exists(made.resolve("data"))));
    List<ProcessHandle> children = launcher.descendants().toList();
    assertThat(children).isNotEmpty();
    launcher.destroy();
    assertThat(launcher.waitFor(20, TimeUnit.SECONDS)).isTrue();
    await(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    assertThat(trainings()).isEmpty();
    assertThat(checkout.resolve("target/fanfare.aot")).doesNotExist();
  }

  private Process launch(Map<String, String> environment, String... arguments) throws IOException {
    List<String> command =
        Stream.concat(Stream.of(checkout.resolve("fanfare").toString()), Stream.of(arguments))
            .toList();
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(log().toFile());
    builder.environment().putAll(environment);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder
        .environment()
        .merge("PATH", checkout.resolve("tools") + ":", (old, tools) -> tools + old);
    return builder.start();
  }

  private Path log() {
    return checkout.resolve("output.log");
  }

  private String output() throws IOException {
    return Files.readString(log(), StandardCharsets.UTF_8);
  }

  private List<Path> trainings() {
    try (Stream<Path> made = Files.list(checkout.resolve("target"))) {
      return made.filter(path -> path.getFileName().toString().startsWith("training")).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void await(BooleanSupplier condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time; %s", output()).isLessThan(deadline);
      Thread.sleep(5);
    }
  }
}
