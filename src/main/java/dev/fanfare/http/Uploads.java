package dev.fanfare.http;

import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Takes the bodies that a face reads while they arrive, before Helidon looks at them, and sees to
/// it that headers come in time, which Helidon does not.
///
/// Helidon tells a listener of a request's first line and headers, and then handles the request, on
/// the one thread of the connection; so what belongs to the request is kept with the thread.
final class Uploads implements Http1ConnectionListener {
  private static final ThreadLocal<@Nullable HttpPrologue> PROLOGUE = new ThreadLocal<>();
  private static final ThreadLocal<@Nullable Upload> UPLOAD = new ThreadLocal<>();
  private static final ThreadLocal<Patience.@Nullable Waiting> HEAD = new ThreadLocal<>();

  private final Patience patience;
  private final Duration limit;

  private final Function<String, Face> faces;

  /// @param limit for how long headers may arrive
  /// @param faces the face of a path
  Uploads(Patience patience, Duration limit, Function<String, Face> faces) {
    this.patience = patience;
    this.limit = limit;
    this.faces = faces;
  }

  @Override
  public void prologue(ConnectionContext connection, HttpPrologue first) {
    PROLOGUE.set(first);
    UPLOAD.remove();
    HEAD.set(patience.within(limit));
  }

  @Override
  public void headers(ConnectionContext connection, Headers headers) {
    Patience.Waiting head = HEAD.get();
    if (head != null) {
      head.close();
    }
    HttpPrologue first = PROLOGUE.get();
    if (first == null || !(headers instanceof WritableHeaders<?> writable)) {
      return;
    }
    String path = first.uriPath().absolute().rawPath();
    if (faces.apply(path).readsWhileArriving(first.method().text(), path)) {
      try {
        UPLOAD.set(Upload.take(connection, writable));
      } catch (RuntimeException e) {
        throw new CloseConnectionException("the end of a body is not known", e);
      }
    }
  }

  /// The body that belongs to the request of this thread.
  Optional<Upload> taken() {
    return Optional.ofNullable(UPLOAD.get());
  }
}
