package dev.fanfare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServerIT {
  @TempDir Path data;

  @Test
  void keys_survive_a_kill_and_a_second_start_is_refused() throws Exception {
    JsonNode credentials;
    try (PackagedServer server = PackagedServer.start(data)) {
      credentials = server.credentials();
      assertThat(status(server, credentials)).isEqualTo(200);
      assertThat(secondStart()).isEqualTo(1);
      assertThat(server.output())
          .contains("fanfare: another process uses the data directory " + data);
      server.kill();
    }
    try (PackagedServer server = PackagedServer.start(data)) {
      assertThat(server.credentials()).isEqualTo(credentials);
      assertThat(status(server, credentials)).isEqualTo(200);
    }
  }

  @Test
  void settings_reach_the_server_and_its_log_is_json_when_asked() throws Exception {
    try (PackagedServer server =
        PackagedServer.start(data, "--log-format", "json", "--volcengine-body", "2KiB")) {
      URI action =
          URI.create(
              "http://127.0.0.1:" + server.apiPort() + "/?Action=RegisterUsers&Version=2020-12-01");
      try (HttpClient http = HttpClient.newHttpClient()) {
        HttpRequest large =
            HttpRequest.newBuilder(action)
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[2_049]))
                .build();
        assertThat(http.send(large, BodyHandlers.ofString()).body())
            .contains("The request body is larger than 2048 bytes.");
      }
      List<String> log =
          server.output().lines().filter(line -> !line.startsWith("ready ")).toList();
      assertThat(log).isNotEmpty();
      for (String line : log) {
        JsonNode event = new ObjectMapper().readTree(line);
        assertThat(event.path("formattedMessage").asText()).as(line).isNotEmpty();
        assertThat(event.path("level").asText()).isEqualTo("INFO");
      }
    }
  }

  @Test
  void a_stop_while_it_starts_ends_soon_and_leaves_a_good_directory() throws Exception {
    Path key = Files.writeString(data.resolve("key"), "A".repeat(43) + "=");
    Path node = data.resolve("node");
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      List<String> command =
          PackagedServer.command(
              node,
              "--journal=kafka",
              "--kafka-bootstrap-servers=127.0.0.1:" + silent.getLocalPort(),
              "--secret-key-file=" + key);
      Path log = data.resolve("output.log");
      Process starting =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      silent.setSoTimeout(60_000);
      silent.accept().close();
      starting.destroy();
      assertThat(starting.waitFor(60, TimeUnit.SECONDS)).as("stopped").isTrue();
      assertThat(starting.exitValue()).as(Files.readString(log)).isZero();
    }
    PackagedServer.start(node).close();
  }

  private int secondStart() throws IOException, InterruptedException {
    return new ProcessBuilder(PackagedServer.command(data))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(data.resolve("output.log").toFile()))
        .start()
        .waitFor();
  }

  private static int status(PackagedServer server, JsonNode credentials)
      throws IOException, InterruptedException {
    URI apps = URI.create("http://127.0.0.1:" + server.apiPort() + "/v1/apps");
    String key = credentials.at("/apps/0/apiKey").asText();
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(apps).header("Authorization", "Bearer " + key).build();
      return http.send(request, BodyHandlers.discarding()).statusCode();
    }
  }
}
