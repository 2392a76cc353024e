package dev.fanfare;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.tls.PemFiles;
import dev.fanfare.tls.SelfSigned;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A whole node with certificates: commands and devices reach it, and those who trust another one
/// do not.
final class TlsTest {
  @TempDir Path directory;
  private final StringWriter err = new StringWriter();

  private Config config(Map<String, String> more) {
    Map<String, String> flags = new HashMap<>(more);
    flags.put("data", directory.resolve("data").toString());
    flags.put("api", "127.0.0.1:0");
    flags.put("gateway", "127.0.0.1:0");
    return Config.of(flags, Map.of());
  }

  private String run(int code, String... arguments) {
    StringWriter out = new StringWriter();
    assertThat(Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments))
        .as("%s", err)
        .isEqualTo(code);
    return out.toString().strip();
  }

  private static String api(Server server) {
    return server.readyLine().replaceAll(".*api=([^ ]+) .*", "$1");
  }

  private static URI gateway(Server server) {
    String line = server.readyLine();
    return URI.create(line.replaceAll(".* gateway=([^ ]+) .*", "$1"));
  }

  private static String hello(HttpClient http, URI uri) throws Exception {
    CompletableFuture<String> first = new CompletableFuture<>();
    WebSocket socket =
        http.newWebSocketBuilder()
            .buildAsync(
                uri,
                new WebSocket.Listener() {
                  @Override
                  public @Nullable CompletionStage<?> onText(
                      WebSocket from, CharSequence data, boolean last) {
                    first.complete(data.toString());
                    return null;
                  }
                })
            .get(30, TimeUnit.SECONDS);
    try {
      return first.get(30, TimeUnit.SECONDS);
    } finally {
      socket.abort();
    }
  }

  @Test
  void commands_and_devices_reach_a_node_with_certificates() throws Exception {
    PemFiles api = SelfSigned.make(directory, "api", "EC");
    PemFiles gateway = SelfSigned.make(directory, "gateway", "RSA");
    Config config =
        config(
            Map.of(
                "tls-certificate", api.certificate().toString(),
                "tls-key", api.key().toString(),
                "gateway-tls-certificate", gateway.certificate().toString(),
                "gateway-tls-key", gateway.key().toString()));
    String data = config.data().toString();
    try (Server server = Server.start(config)) {
      assertThat(server.readyLine()).contains("api=https://127.0.0.1:", "gateway=wss://127.0.0.1:");
      String ca = api.certificate().toString();
      String sig = run(0, "usersig", "10001", "--data", data);
      URI uri = URI.create(gateway(server) + "/ws?app=demo&token=" + sig);
      HttpClient http = HttpClient.newBuilder().sslContext(SelfSigned.trusting(gateway)).build();
      assertThat(hello(http, uri)).contains("\"hello\"", "10001");
      assertThat(run(0, "member", "get", "10001", "--data", data, "--ca", ca)).contains("10001");

      HttpClient wrong = HttpClient.newBuilder().sslContext(SelfSigned.trusting(api)).build();
      assertThatThrownBy(() -> hello(wrong, uri)).hasMessageContaining("SSLHandshakeException");
      String[] named = {"member", "get", "10001", "--data", data, "--server", api(server)};
      run(1, named);
      assertThat(err.toString()).contains("no TLS connection to https://", "--ca");
      run(2, "usersig", "10001", "--data", data, "--ca", directory.resolve("none").toString());
    }
  }

  @Test
  void commands_on_its_machine_trust_a_node_whatever_name_its_certificate_is_for()
      throws IOException {
    PemFiles files = SelfSigned.make(directory, "public", "EC", "dns:push.example.com");
    PemFiles other = SelfSigned.make(directory, "other", "EC", "dns:push.example.com");
    String key = files.key().toString();
    Config config =
        config(Map.of("tls-certificate", files.certificate().toString(), "tls-key", key));
    String data = config.data().toString();
    try (Server server = Server.start(config)) {
      assertThat(run(0, "count", "everyone", "--data", data)).startsWith("0");
      run(1, "count", "everyone", "--data", data, "--server", api(server));
      assertThat(err.toString()).contains("no TLS connection to https://");
      Files.copy(other.certificate(), files.certificate(), REPLACE_EXISTING);
      run(1, "count", "everyone", "--data", data);
      assertThat(err.toString()).contains("not the certificate in the file of the node");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  @EnabledOnOs(OS.LINUX)
  void connections_that_ended_keep_no_file(String version) throws Exception {
    PemFiles files = SelfSigned.make(directory, "files", "EC");
    String key = files.key().toString();
    Config config =
        config(Map.of("tls-certificate", files.certificate().toString(), "tls-key", key));
    try (Server server = Server.start(config)) {
      int port = URI.create(api(server)).getPort();
      SSLSocketFactory sockets = SelfSigned.trusting(files).getSocketFactory();
      ask(sockets, port, version);
      long before = openFiles();
      for (int i = 0; i < 100; i++) {
        ask(sockets, port, version);
      }
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (openFiles() > before + 50) {
        assertThat(System.nanoTime())
            .as("%d files, then %d", before, openFiles())
            .isLessThan(deadline);
        Thread.sleep(50);
      }
    }
  }

  private static void ask(SSLSocketFactory sockets, int port, String version) throws IOException {
    try (SSLSocket socket =
        (SSLSocket) sockets.createSocket(InetAddress.getLoopbackAddress(), port)) {
      socket.setEnabledProtocols(new String[] {version});
      String get = "GET /readyz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(get.getBytes(US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII)).contains(" 200 ");
    }
  }

  private static long openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }

  @Test
  void one_pair_serves_both_listeners_and_half_a_pair_is_refused() {
    PemFiles both = SelfSigned.make(directory, "both", "EC");
    String certificate = both.certificate().toString();
    Config config =
        config(Map.of("tls-certificate", certificate, "tls-key", both.key().toString()));
    assertThat(config.tls()).isEqualTo(new Config.Tls(both, both));
    assertThat(config.values())
        .containsEntry("tls-certificate", certificate)
        .containsEntry("gateway-tls-certificate", "none");
    assertThatThrownBy(() -> config(Map.of("tls-certificate", certificate)))
        .isInstanceOf(ConfigException.class)
        .hasMessage("tls-certificate and tls-key go together");
  }
}
