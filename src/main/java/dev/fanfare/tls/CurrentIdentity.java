package dev.fanfare.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// Gives each handshake the identity that is current when it begins. Any thread.
final class CurrentIdentity extends X509ExtendedKeyManager {
  private volatile Named current;
  private volatile Named previous;

  /// Its alias changes with it, so that one handshake never mixes two.
  private record Named(String alias, Identity identity) {}

  CurrentIdentity(Identity first) {
    this.current = new Named("1", first);
    this.previous = current;
  }

  void replace(Identity next) {
    previous = current;
    current = new Named(Integer.toString(Integer.parseInt(previous.alias()) + 1), next);
  }

  private @Nullable Identity named(@Nullable String alias) {
    Named now = current;
    if (now.alias().equals(alias)) {
      return now.identity();
    }
    Named before = previous;
    return before.alias().equals(alias) ? before.identity() : null;
  }

  private @Nullable String aliasFor(@Nullable String keyType) {
    Named now = current;
    return now.identity().key().getAlgorithm().equals(keyType) ? now.alias() : null;
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return aliasFor(keyType);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return aliasFor(keyType);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    String alias = aliasFor(keyType);
    return alias == null ? null : new String[] {alias};
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    Identity identity = named(alias);
    return identity == null ? null : identity.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    Identity identity = named(alias);
    return identity == null ? null : identity.key();
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
