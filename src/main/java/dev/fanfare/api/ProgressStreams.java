package dev.fanfare.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.http.Response;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// The progress of broadcasts as server-sent events: one at once, one whenever the state or a
/// counter changed, until nothing can change any more.
///
/// Each stream holds a virtual thread, which looks four times a second. An app has a limited number
/// of them on a node. A stream lasts an hour at most; the caller then connects again, as it does
/// when a connection breaks, and is judged anew.
final class ProgressStreams {
  private static final Duration LOOK_EVERY = Duration.ofMillis(250);
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);
  private static final Duration AT_MOST = Duration.ofHours(1);

  /// How long receipts of a lifetime-0 broadcast may still come in after its last release.
  private static final Duration MOMENTARY = Duration.ofSeconds(65);

  private final Broadcasts broadcasts;
  private final Clock wall;
  private final ConcurrentMap<Integer, Integer> open = new ConcurrentHashMap<>();

  ProgressStreams(Broadcasts broadcasts, Clock wall) {
    this.broadcasts = broadcasts;
    this.wall = wall;
  }

  Response open(Call call, Broadcast broadcast) {
    if (call.request().method().equals("HEAD")) {
      // Nobody writes what follows the headers, so it takes no place.
      return Response.streaming(200, "text/event-stream", _ -> {});
    }
    int app = call.app().number();
    int limit = call.app().limits().getProgressStreams();
    if (open.merge(app, 1, Integer::sum) > limit) {
      closed(app);
      throw Problem.of(429, "too_many_streams", "the app may have " + limit + " on a node").raise();
    }
    return Response.streaming(
            200,
            "text/event-stream",
            out -> {
              try {
                write(broadcast.number(), out);
              } finally {
                closed(app);
              }
            })
        .with("Cache-Control", "no-store");
  }

  private void closed(int app) {
    open.computeIfPresent(app, (_, count) -> count == 1 ? null : count - 1);
  }

  private void write(long number, OutputStream out) throws IOException {
    long until = System.nanoTime() + AT_MOST.toNanos();
    long written = System.nanoTime();
    String last = "";
    send(out, "retry: 2000\n\n");
    while (System.nanoTime() < until) {
      Broadcast broadcast =
          broadcasts.find(number).orElseThrow(() -> new IOException("the broadcast is gone"));
      String progress = progress(broadcast);
      if (!progress.equals(last)) {
        send(out, "event: progress\ndata: " + progress + "\n\n");
        last = progress;
        written = System.nanoTime();
      } else if (System.nanoTime() - written > HEARTBEAT.toNanos()) {
        send(out, ": still here\n\n");
        written = System.nanoTime();
      }
      if (isOver(broadcast)) {
        send(out, "event: end\ndata: " + progress + "\n\n");
        return;
      }
      pause();
    }
  }

  private boolean isOver(Broadcast broadcast) {
    return switch (broadcast.state()) {
      case SCHEDULED, RUNNING, PAUSED -> false;
      case CANCELLED, RECALLED, EXPIRED -> true;
      case COMPLETED ->
          broadcast.expires() != 0
              ? wall.millis() >= broadcast.expires()
              : wall.millis() >= broadcast.stateSince() + MOMENTARY.toMillis();
      case STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalStateException("a broadcast in no known state");
    };
  }

  private static String progress(Broadcast broadcast) {
    ObjectNode json =
        Json.object()
            .put("id", broadcast.id())
            .put("state", BroadcastJson.text(broadcast.state()))
            .put("recipients", broadcast.counters().recipients());
    BroadcastJson.progress(json, broadcast.counters());
    return json.toString();
  }

  private static void send(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /// The server interrupts its threads when it stops.
  private static void pause() throws IOException {
    try {
      Thread.sleep(LOOK_EVERY);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the server is stopping");
    }
  }
}
