package dev.fanfare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.journal.kafka.BrokerListener;
import dev.fanfare.journal.kafka.KafkaBrokers;
import dev.fanfare.tls.PemFiles;
import dev.fanfare.tls.SelfSigned;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A node whose brokers want TLS and a password, both in the file of client settings.
@Timeout(120)
final class KafkaSecurityIT {
  private static final String USER = "fanfare";
  private static final String PASSWORD = "kqzx-7410-never-shown";
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir private static Path directory;

  private static PemFiles certificate;
  private static KafkaBrokers brokers;

  private final String topic = "secure-" + UUID.randomUUID();

  @BeforeAll
  static void start() throws Exception {
    certificate = SelfSigned.make(directory, "broker", "RSA");
    Path keys = directory.resolve("keys.pem");
    Files.writeString(
        keys, Files.readString(certificate.key()) + Files.readString(certificate.certificate()));
    String properties =
        """
        listener.name.secure.ssl.keystore.type=PEM
        listener.name.secure.ssl.keystore.location=%s
        listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-512
        listener.name.secure.scram-sha-512.sasl.jaas.config=\
        org.apache.kafka.common.security.scram.ScramLoginModule required;
        """
            .formatted(keys);
    brokers =
        KafkaBrokers.start(
            directory.resolve("brokers"),
            new BrokerListener("SECURE", "SASL_SSL", properties, port -> port));
    try (Admin admin = brokers.admin()) {
      var credential =
          new UserScramCredentialUpsertion(
              USER, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4_096), PASSWORD);
      admin.alterUserScramCredentials(List.of(credential)).all().get();
    }
    awaitUser();
  }

  @AfterAll
  static void stop() {
    brokers.close();
  }

  /// Waits until every broker knows the user.
  private static void awaitUser() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    for (String server : brokers.servers(0).split(",", -1)) {
      while (!isKnown(server)) {
        assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
        Thread.sleep(50);
      }
    }
  }

  private static boolean isKnown(String server) throws InterruptedException {
    Map<String, Object> client = new HashMap<>(settings(PASSWORD, certificate));
    client.put("bootstrap.servers", server);
    try (Admin admin = Admin.create(client)) {
      return !admin.describeCluster().nodes().get().isEmpty();
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(SaslAuthenticationException.class);
      return false;
    }
  }

  private static Map<String, String> settings(String password, PemFiles trusted) {
    return Map.of(
        "security.protocol",
        "SASL_SSL",
        "sasl.mechanism",
        "SCRAM-SHA-512",
        "sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
            .formatted(USER, password),
        "ssl.truststore.type",
        "PEM",
        "ssl.truststore.location",
        trusted.certificate().toString());
  }

  private String[] arguments(String password, PemFiles trusted) throws IOException {
    Path file = Files.createTempFile(directory, "client", ".properties");
    StringBuilder lines = new StringBuilder();
    settings(password, trusted)
        .forEach((name, value) -> lines.append(name).append('=').append(value).append('\n'));
    Files.writeString(file, lines);
    return new String[] {
      "--dev",
      "--log-format",
      "json",
      "--journal",
      "kafka",
      "--kafka-bootstrap-servers",
      brokers.servers(0),
      "--kafka-topic",
      topic,
      "--kafka-client-file",
      file.toString()
    };
  }

  @Test
  void a_node_writes_and_reads_and_shows_its_password_nowhere() throws Exception {
    Path data = directory.resolve("node");
    List<String> shown = new ArrayList<>();
    String[] arguments = arguments(PASSWORD, certificate);
    try (PackagedServer server = PackagedServer.start(data, arguments)) {
      String member = "/v1/apps/demo/members/10001";
      var _ = insist(server, "PUT", member, "{\"tags\":[\"vip\"]}");
      assertThat(insist(server, "GET", member, "")).contains("vip");
      for (String path :
          List.of("/readyz", "/openapi.json", "/v1/apps", "/v1/apps/demo/limits", "/v1/audit")) {
        shown.add(insist(server, "GET", path, ""));
      }
      shown.add(Files.readString(data.resolve("ready.json")));
    }
    shown.add(Files.readString(data.resolve("output.log")));
    shown.add(config(arguments));
    assertThat(shown).allSatisfy(text -> assertThat(text).isNotBlank().doesNotContain(PASSWORD));
  }

  /// What `fanfare config` prints.
  private static String config(String[] arguments) {
    List<String> command = new ArrayList<>(List.of("config"));
    command.addAll(List.of(arguments));
    StringWriter out = new StringWriter();
    PrintWriter err = new PrintWriter(new StringWriter());
    assertThat(Main.run(new PrintWriter(out, true), err, command.toArray(String[]::new))).isZero();
    assertThat(out.toString()).contains("kafka-client-file");
    return out.toString();
  }

  @Test
  void a_wrong_password_and_an_unknown_certificate_are_told_and_end_the_start() throws Exception {
    String wrong = PASSWORD + "-not";
    assertThat(failure(arguments(wrong, certificate)))
        .contains("fanfare: Kafka cannot be used: ", "Authentication failed", "invalid credentials")
        .doesNotContain(PASSWORD);
    PemFiles other = SelfSigned.make(directory, "other", "RSA");
    assertThat(failure(arguments(PASSWORD, other)))
        .contains("fanfare: Kafka cannot be used: SSL handshake failed", "certificat")
        .doesNotContain(PASSWORD);
  }

  /// What a node prints that cannot start.
  private static String failure(String[] arguments) throws Exception {
    Path data = Files.createTempDirectory(directory, "failing");
    Process process =
        new ProcessBuilder(PackagedServer.command(data, arguments))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isEqualTo(1);
    return output;
  }

  /// Calls until that is done with what all nodes know, and returns the body.
  private static String insist(PackagedServer server, String method, String path, String body)
      throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    HttpResponse<String> answer = call(server, method, path, body);
    while (answer.statusCode() != 200 || answer.headers().map().containsKey("fanfare-reads")) {
      assertThat(System.nanoTime()).as(answer.body()).isLessThan(deadline);
      answer = call(server, method, path, body);
    }
    return answer.body();
  }

  private static HttpResponse<String> call(
      PackagedServer server, String method, String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.apiPort() + path))
            .header("Authorization", "Bearer " + server.credentials().path("adminKey").asText())
            .method(method, BodyPublishers.ofString(body))
            .build();
    return HTTP.send(request, BodyHandlers.ofString());
  }
}
