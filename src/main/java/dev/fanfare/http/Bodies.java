package dev.fanfare.http;

import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;

/// Reads the bodies of requests, as long as there is room and time for them. Any thread.
///
/// Bodies come before anybody knows who sends them, so they are bounded for all callers together:
/// each takes its part of one budget while it grows and until its request is answered. The first 16
/// KiB of each are free; the limit of connections bounds those, and small calls go on when large
/// bodies have used up the budget. A body that takes too long ends with its connection.
final class Bodies {
  private static final int FREE_BYTES = 16 << 10;

  private final HttpServer.Limits limits;
  private final AtomicLong used = new AtomicLong();
  private final Patience patience;

  Bodies(HttpServer.Limits limits, Patience patience) {
    this.limits = limits;
    this.patience = patience;
  }

  /// What became of a body.
  enum End {
    WHOLE,
    TOO_LARGE,
    /// The others leave no room for it now.
    NO_ROOM
  }

  /// A body, and its part of the budget until it is closed. Owned by the thread of the request.
  final class Body implements AutoCloseable {
    private final ByteArrayOutputStream collected = new ByteArrayOutputStream(0);
    private long taken;
    private End end = End.WHOLE;

    private Body() {}

    End end() {
      return end;
    }

    /// All of it; nothing unless it is whole.
    byte[] bytes() {
      return end == End.WHOLE ? collected.toByteArray() : new byte[0];
    }

    private boolean takes(long bytes) {
      long more = bytes - FREE_BYTES - taken;
      if (more <= 0) {
        return true;
      }
      if (used.addAndGet(more) > limits.bodyBytes()) {
        used.addAndGet(-more);
        return false;
      }
      taken += more;
      return true;
    }

    /// Keeps no more than it is, now that nothing is added.
    private void giveBackRest() {
      long rest = taken - Math.max(0, collected.size() - FREE_BYTES);
      used.addAndGet(-rest);
      taken -= rest;
    }

    @Override
    public void close() {
      used.addAndGet(-taken);
      taken = 0;
    }
  }

  /// Reads the body of a request; ends as soon as it is known to be larger than the cap, or to have
  /// no room.
  Body read(ServerRequest incoming, int cap) {
    Body body = new Body();
    if (!incoming.content().hasEntity()) {
      return body;
    }
    if (incoming.headers().contentLength().orElse(0) > cap) {
      body.end = End.TOO_LARGE;
      return body;
    }
    // A chunk is read whole before anybody sees a byte of it, so it is taken for the largest.
    boolean chunked = incoming.headers().contentLength().isEmpty();
    if (chunked && !body.takes(cap)) {
      body.end = End.NO_ROOM;
      return body;
    }
    try (Patience.Waiting _ = patience.within(limits.arrival())) {
      body.end = collect(incoming.content().inputStream(), cap, body);
      body.giveBackRest();
      return body;
    } catch (RequestException e) {
      if (e.status().code() == Status.REQUEST_ENTITY_TOO_LARGE_413.code()) {
        body.end = End.TOO_LARGE;
        return body;
      }
      body.close();
      throw e;
    } catch (IOException | RuntimeException e) {
      body.close();
      throw new CloseConnectionException("the caller left in the middle of a body", e);
    }
  }

  private static End collect(InputStream in, int cap, Body body) throws IOException {
    byte[] part = new byte[FREE_BYTES];
    for (int read = in.read(part); read >= 0; read = in.read(part)) {
      long length = (long) body.collected.size() + read;
      if (length > cap) {
        return End.TOO_LARGE;
      }
      if (!body.takes(length)) {
        return End.NO_ROOM;
      }
      body.collected.write(part, 0, read);
    }
    return End.WHOLE;
  }
}
