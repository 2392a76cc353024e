package dev.fanfare.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ServerTlsTest {
  @TempDir Path directory;
  private long seconds = 1_000_000_000;

  /// The name in the certificate that a client is shown, which it trusts.
  private static String shown(ServerTls tls, PemFiles trusted) throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (var listening =
            (SSLServerSocket)
                tls.context().getServerSocketFactory().createServerSocket(0, 1, loopback);
        var client =
            (SSLSocket)
                SelfSigned.trusting(trusted)
                    .getSocketFactory()
                    .createSocket(loopback, listening.getLocalPort())) {
      Thread server =
          Thread.ofVirtual()
              .start(() -> {
                try (var accepted = (SSLSocket) listening.accept()) {
                  accepted.startHandshake();
                } catch (IOException _) {
                  // The client is told as well.
                }
              });
      client.startHandshake();
      server.join();
      var certificate = (X509Certificate) client.getSession().getPeerCertificates()[0];
      return certificate.getSubjectX500Principal().getName();
    }
  }

  private PemFiles made(String name) {
    return SelfSigned.make(directory, name, "EC");
  }

  /// Puts files in place of others, with a time of their own.
  private void replace(Path file, Path by) throws IOException {
    Files.copy(by, file, StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(file, FileTime.fromMillis(seconds++ * 1_000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void certificate_of_the_files_is_shown(String algorithm) throws Exception {
    PemFiles files = SelfSigned.make(directory, "a", algorithm);
    try (ServerTls tls = ServerTls.open(files)) {
      assertThat(shown(tls, files)).isEqualTo("CN=a");
    }
  }

  @Test
  void changed_files_are_served_and_broken_ones_are_not() throws Exception {
    PemFiles files = made("served");
    PemFiles first = made("first");
    PemFiles second = made("second");
    replace(files.certificate(), first.certificate());
    replace(files.key(), first.key());
    try (ServerTls tls = ServerTls.open(files)) {
      assertThat(shown(tls, first)).isEqualTo("CN=first");
      replace(files.certificate(), second.certificate());
      tls.look();
      assertThat(shown(tls, first)).as("the key is still the first one's").isEqualTo("CN=first");
      replace(files.key(), second.key());
      tls.look();
      assertThat(shown(tls, second)).isEqualTo("CN=second");
      Files.delete(files.key());
      tls.look();
      assertThat(shown(tls, second)).isEqualTo("CN=second");
      Files.writeString(files.key(), "nonsense");
      tls.look();
      assertThat(shown(tls, second)).isEqualTo("CN=second");
    }
  }

  @Test
  void files_that_are_no_pair_are_refused() throws Exception {
    PemFiles a = made("a");
    PemFiles b = made("b");
    PemFiles rsa = SelfSigned.make(directory, "rsa", "RSA");
    refused(new PemFiles(a.certificate(), b.key()), "is not the key of");
    refused(new PemFiles(a.certificate(), rsa.key()), "no key of the certificate's algorithm");
    refused(new PemFiles(a.certificate(), a.certificate()), "no PKCS#8 key; openssl pkcs8");
    refused(new PemFiles(a.key(), a.key()), "");
    refused(new PemFiles(directory.resolve("none"), a.key()), "none");
    refused(new PemFiles(Files.createFile(directory.resolve("empty")), a.key()), "no certificate");
  }

  private static void refused(PemFiles files, String why) {
    assertThatThrownBy(() -> ServerTls.open(files))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(why);
  }
}
