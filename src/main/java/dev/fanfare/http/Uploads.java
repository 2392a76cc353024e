package dev.fanfare.http;

import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Takes the bodies that a face reads while they arrive, before Helidon looks at them.
///
/// Helidon tells a listener of a request's first line and headers, and then handles the request, on
/// the one thread of the connection; so what belongs to the request is kept with the thread.
final class Uploads implements Http1ConnectionListener {
  private final Function<String, Face> faces;
  private final ThreadLocal<@Nullable HttpPrologue> prologue = new ThreadLocal<>();
  private final ThreadLocal<@Nullable Upload> upload = new ThreadLocal<>();

  /// @param faces the face of a path
  Uploads(Function<String, Face> faces) {
    this.faces = faces;
  }

  @Override
  public void prologue(ConnectionContext connection, HttpPrologue first) {
    prologue.set(first);
    upload.remove();
  }

  @Override
  public void headers(ConnectionContext connection, Headers headers) {
    HttpPrologue first = prologue.get();
    if (first == null || !(headers instanceof WritableHeaders<?> writable)) {
      return;
    }
    String path = first.uriPath().absolute().rawPath();
    if (faces.apply(path).readsWhileArriving(first.method().text(), path)) {
      try {
        upload.set(Upload.take(connection, writable));
      } catch (RuntimeException e) {
        throw new CloseConnectionException("the end of a body is not known", e);
      }
    }
  }

  /// The body that belongs to the request of this thread.
  Optional<Upload> taken() {
    return Optional.ofNullable(upload.get());
  }
}
