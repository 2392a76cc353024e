package dev.fanfare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The packaged server as a child process on free ports, on the JDK that runs the tests.
///
/// Owned by one thread. What it printed is in the directory's `output.log`, over all starts, and in
/// every failure.
public final class PackagedServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration START_WITHIN = Duration.ofSeconds(90);

  /// Beyond what a server gives itself: one that takes longer says so by its exit code.
  private static final Duration STOP_WITHIN = Duration.ofSeconds(60);

  private final Path data;
  private final Process process;
  private final JsonNode ready;
  private boolean ended;

  private PackagedServer(Path data, Process process) {
    this.data = data;
    this.process = process;
    this.ready = awaitReady();
  }

  /// Starts a server on a data directory and waits until it is ready.
  ///
  /// @param more further arguments of `serve`, such as `--dev`
  public static PackagedServer start(Path data, String... more) {
    List<String> command = command(data, more);
    try {
      Files.createDirectories(data);
      Files.deleteIfExists(data.resolve("ready.json"));
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(data.resolve("output.log").toFile()));
      return new PackagedServer(data, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Runs a command of the jar to its end and returns what it printed.
  public static String fanfare(String... arguments) {
    List<String> java = command(Path.of(""));
    List<String> command = new ArrayList<>(java.subList(0, java.indexOf("serve")));
    command.addAll(List.of(arguments));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as("%s", output).isZero();
      return output;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /// The command line of a server.
  static List<String> command(Path data, String... more) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseCompactObjectHeaders",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Xmx512m",
            "-jar",
            jar().toString(),
            "serve",
            "--data",
            data.toString(),
            "--api",
            "127.0.0.1:0",
            "--gateway",
            "127.0.0.1:0"));
    command.addAll(List.of(more));
    return command;
  }

  private static Path jar() {
    try (DirectoryStream<Path> jars =
        Files.newDirectoryStream(Path.of("target"), "fanfare-*[0-9].jar")) {
      return jars.iterator().next().toAbsolutePath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonNode awaitReady() {
    long deadline = System.nanoTime() + START_WITHIN.toNanos();
    Path file = data.resolve("ready.json");
    while (!Files.exists(file)) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        process.destroyForcibly();
        throw new AssertionError("the server did not start:\n" + output());
      }
      pause();
    }
    return read(file);
  }

  private static void pause() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public int apiPort() {
    return URI.create(ready.path("api").asText()).getPort();
  }

  public int gatewayPort() {
    return URI.create(ready.path("gateway").asText()).getPort();
  }

  /// Its process id.
  public long pid() {
    return process.pid();
  }

  /// The contents of `credentials.json`.
  public JsonNode credentials() {
    return read(data.resolve("credentials.json"));
  }

  /// Changes limits of the app `demo`.
  ///
  /// @param changes a JSON object of limits
  public void limit(String changes) {
    var _ = asAdmin("PATCH", "/v1/apps/demo/limits", changes);
  }

  /// Has it be noon for the daily budgets of the app `demo`: no test reaches their next day.
  public void makeNoon() {
    long noon = Duration.ofHours(12).toSeconds();
    long sinceMidnight = Instant.now().getEpochSecond() % Duration.ofDays(1).toSeconds();
    limit("{\"dayOffsetSeconds\":%d}".formatted(noon - sinceMidnight));
  }

  /// Has the app `demo` know a repeated UserBroadcast by its body for an hour.
  public void rememberBodies() {
    limit("{\"bodyWindowSeconds\":3600}");
  }

  /// The nodes of its cell, as it lists them.
  public JsonNode nodes() {
    return asAdmin("GET", "/v1/nodes", "").path("nodes");
  }

  private JsonNode asAdmin(String method, String path, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + apiPort() + path))
            .header("Authorization", "Bearer " + credentials().path("adminKey").asText())
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      long deadline = System.nanoTime() + START_WITHIN.toNanos();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      while (answer.statusCode() == 503 && System.nanoTime() < deadline) {
        answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      }
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return JSON.readTree(answer.body());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /// Lets the app `demo` make calls of `/v1` as fast as it can, and as many broadcasts as an app
  /// may have.
  public void lift() {
    limit("{\"requestsPerSecond\":0,\"liveBroadcasts\":10000}");
  }

  /// Everything that servers on this directory printed.
  public String output() {
    try {
      return Files.readString(data.resolve("output.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Has the process stand still (SIGSTOP).
  public void suspend() {
    Signal.STOP.send(process.pid());
  }

  /// Has it go on.
  public void resume() {
    Signal.CONT.send(process.pid());
  }

  /// Ends the process at once (SIGKILL) and waits until it is gone.
  public void kill() {
    ended = true;
    process.destroyForcibly();
    awaitExit();
  }

  /// Asks the process to stop (SIGTERM) and checks that it did so in time and in order. Does
  /// nothing after [#kill] or [#stop].
  @Override
  public void close() {
    if (!ended) {
      assertThat(stop()).as("exit code; %s", output()).isZero();
    }
  }

  /// Asks the process to stop (SIGTERM), checks that it did so in time, and returns its exit code.
  public int stop() {
    ended = true;
    process.destroy();
    return awaitExit();
  }

  private int awaitExit() {
    try {
      if (!process.waitFor(STOP_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("the server did not stop:\n" + output());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static JsonNode read(Path file) {
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
