package dev.fanfare.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Certificates for tests, made by the JDK's keytool.
public final class SelfSigned {
  /// Of every store made here.
  public static final String PASSWORD_TEXT = "password";

  private static final char[] PASSWORD = PASSWORD_TEXT.toCharArray();

  private SelfSigned() {}

  /// Writes `NAME.crt` and `NAME.key` for this machine's loopback addresses.
  ///
  /// @param algorithm RSA, EC or Ed25519
  public static PemFiles make(Path directory, String name, String algorithm) {
    return make(directory, name, algorithm, "ip:127.0.0.1,dns:localhost");
  }

  /// Writes them for other names.
  ///
  /// @param names as keytool takes them, such as `dns:a.example`
  public static PemFiles make(Path directory, String name, String algorithm, String names) {
    try {
      Path store = Files.createTempFile(directory, name, ".p12");
      Files.delete(store);
      run(
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
              "-genkeypair",
              "-alias",
              "a",
              "-keyalg",
              algorithm,
              "-dname",
              "CN=" + name,
              "-ext",
              "SAN=" + names,
              "-validity",
              "30",
              "-storetype",
              "PKCS12",
              "-keystore",
              store.toString(),
              "-storepass",
              new String(PASSWORD)));
      KeyStore keys = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(store)) {
        keys.load(in, PASSWORD);
      }
      PemFiles files =
          new PemFiles(directory.resolve(name + ".crt"), directory.resolve(name + ".key"));
      write(files.certificate(), "CERTIFICATE", keys.getCertificate("a").getEncoded());
      write(files.key(), "PRIVATE KEY", keys.getKey("a", PASSWORD).getEncoded());
      return files;
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /// A store for clients that take what they trust from a file: this certificate alone.
  public static Path trustStore(Path directory, PemFiles files) {
    try (InputStream pem = Files.newInputStream(files.certificate())) {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry(
          "a", CertificateFactory.getInstance("X.509").generateCertificate(pem));
      Path store = Files.createTempFile(directory, "trusted", ".p12");
      try (OutputStream out = Files.newOutputStream(store)) {
        trusted.store(out, PASSWORD);
      }
      return store;
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /// What a client uses that trusts this certificate alone.
  public static SSLContext trusting(PemFiles files) {
    try (InputStream pem = Files.newInputStream(files.certificate())) {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      trusted.setCertificateEntry(
          "a", CertificateFactory.getInstance("X.509").generateCertificate(pem));
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static void run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new AssertionError(output);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void write(Path file, String kind, byte[] bytes) throws IOException {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    Files.writeString(
        file, "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n");
  }
}
