package dev.fanfare.cli;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/// The certificates of a node on this machine, each trusted as it is: commands reach the node by a
/// loopback address, which its certificate seldom names.
final class LocalCertificates extends X509ExtendedTrustManager {
  private final List<Certificate> served;

  private LocalCertificates(List<Certificate> served) {
    this.served = served;
  }

  /// Trusts the first certificate of each PEM file.
  static SSLContext context(List<String> files) {
    List<Certificate> served =
        files.stream().map(file -> CertificateAuthority.read(file).getFirst()).toList();
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new LocalCertificates(served)}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JVM has TLS", e);
    }
  }

  private void check(X509Certificate[] chain) throws CertificateException {
    if (!served.contains(chain[0])) {
      throw new CertificateException(
          "it is not the certificate in the file of the node on this machine, which may be newer");
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("commands serve nobody");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
