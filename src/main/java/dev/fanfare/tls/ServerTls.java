package dev.fanfare.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// TLS of a listener: a context whose certificate follows its files.
///
/// Every few seconds the files' times and sizes are looked at. A new pair serves the handshakes
/// from then on; one that cannot be used is logged, and the old one stays. Owns a thread until
/// [#close].
public final class ServerTls implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServerTls.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

  private final PemFiles files;
  private final CurrentIdentity identity;
  private final SSLContext context;
  private final ScheduledExecutorService watching =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("certificates").factory());
  private PemFiles.Look seen;

  private ServerTls(PemFiles files) throws IOException, GeneralSecurityException {
    this.files = files;
    this.seen = files.look();
    this.identity = new CurrentIdentity(files.read());
    this.context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {identity}, new TrustManager[0], null);
  }

  /// Reads the files and goes on watching them.
  ///
  /// @throws UncheckedIOException when they cannot be used
  public static ServerTls watch(PemFiles files) {
    ServerTls tls = open(files);
    var _ =
        tls.watching.scheduleWithFixedDelay(
            tls::look, LOOK_EVERY.toMillis(), LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    return tls;
  }

  /// Reads the files; whoever wants them looked at again calls [#look].
  static ServerTls open(PemFiles files) {
    try {
      return new ServerTls(files);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read a TLS file: " + e.getMessage(), e);
    } catch (GeneralSecurityException e) {
      throw new UncheckedIOException("cannot use TLS: " + e.getMessage(), new IOException(e));
    }
  }

  /// What handshakes are made with.
  public SSLContext context() {
    return context;
  }

  /// Reads the files if they changed since the last look.
  synchronized void look() {
    try {
      PemFiles.Look now = files.look();
      if (!now.equals(seen)) {
        seen = now;
        identity.replace(files.read());
        log.info("serving the certificate that is in {} now", files.certificate());
      }
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      log.error("the changed TLS files cannot be used; the old certificate stays", e);
    }
  }

  @Override
  public void close() {
    watching.shutdownNow();
  }
}
