package dev.fanfare.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Two PEM files: a certificate with its chain, the server's own first, and its private key in
/// PKCS#8, not encrypted.
public record PemFiles(Path certificate, Path key) {
  private static final Pattern PKCS8 =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

  /// How the files looked; when this changes they are read again.
  record Look(FileTime certificateTime, long certificateSize, FileTime keyTime, long keySize) {}

  Look look() throws IOException {
    return new Look(
        Files.getLastModifiedTime(certificate),
        Files.size(certificate),
        Files.getLastModifiedTime(key),
        Files.size(key));
  }

  /// Reads both.
  ///
  /// @throws GeneralSecurityException when they hold something else, or do not belong together
  Identity read() throws IOException, GeneralSecurityException {
    List<X509Certificate> chain = new ArrayList<>();
    byte[] pem = Files.readAllBytes(certificate);
    for (Certificate next :
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(pem))) {
      chain.add((X509Certificate) next);
    }
    if (chain.isEmpty()) {
      throw new GeneralSecurityException(certificate + " holds no certificate");
    }
    PrivateKey privateKey = privateKey(chain.getFirst().getPublicKey().getAlgorithm());
    Identity identity = new Identity(chain, privateKey);
    requirePair(identity);
    return identity;
  }

  /// @param algorithm that of the certificate's key
  private PrivateKey privateKey(String algorithm) throws IOException, GeneralSecurityException {
    Matcher pem = PKCS8.matcher(Files.readString(key, StandardCharsets.US_ASCII));
    if (!pem.find()) {
      throw new GeneralSecurityException(
          key + " holds no PKCS#8 key; openssl pkcs8 -topk8 -nocrypt makes one of other forms");
    }
    try {
      byte[] bytes = Base64.getMimeDecoder().decode(pem.group(1));
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes));
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw new GeneralSecurityException(
          key + " holds no key of the certificate's algorithm, " + algorithm, e);
    }
  }

  private void requirePair(Identity identity) throws GeneralSecurityException {
    byte[] probe = {1};
    Signature signature = Signature.getInstance(algorithm(identity.key()));
    signature.initSign(identity.key());
    signature.update(probe);
    byte[] signed = signature.sign();
    signature.initVerify(identity.chain().getFirst().getPublicKey());
    signature.update(probe);
    if (!signature.verify(signed)) {
      throw new GeneralSecurityException(key + " is not the key of " + certificate);
    }
  }

  private static String algorithm(PrivateKey key) throws GeneralSecurityException {
    return switch (key.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      case "EdDSA" -> "EdDSA";
      default ->
          throw new GeneralSecurityException(
              "keys of " + key.getAlgorithm() + " are not supported");
    };
  }
}
