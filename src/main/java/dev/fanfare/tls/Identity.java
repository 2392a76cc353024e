package dev.fanfare.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/// Whom a listener proves to be.
///
/// @param chain its own certificate first
record Identity(List<X509Certificate> chain, PrivateKey key) {
  Identity {
    chain = List.copyOf(chain);
  }
}
