package dev.fanfare.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// The certificates in a PEM file, trusted instead of those that the JVM trusts.
record CertificateAuthority(String file) {

  SSLContext context() {
    try {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      for (Certificate each : read(file)) {
        trusted.setCertificateEntry("ca-" + trusted.size(), each);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw unusable(file);
    }
  }

  /// The certificates in a PEM file, at least one.
  static List<Certificate> read(String file) {
    try (InputStream pem = Files.newInputStream(Path.of(file))) {
      List<Certificate> found =
          List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(pem));
      if (found.isEmpty()) {
        throw CliException.badUsage("no certificate in " + file);
      }
      return found;
    } catch (IOException | GeneralSecurityException | InvalidPathException e) {
      throw unusable(file);
    }
  }

  private static CliException unusable(String file) {
    return CliException.badUsage("cannot use the certificates in " + file);
  }
}
