package dev.fanfare.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One WebSocket connection of a device, read by one thread that blocks.
///
/// The next frame is asked for when the last was taken, so the queue stays short.
final class DeviceSocket implements AutoCloseable {
  private static final Duration HANDSHAKE = Duration.ofSeconds(10);

  /// The server pings every 25 s; after this long without a word it is taken for dead.
  static final Duration SILENCE = Duration.ofMinutes(1);

  private final BlockingQueue<DeviceEvent> events = new LinkedBlockingQueue<>();
  private final WebSocket socket;

  private DeviceSocket(HttpClient http, URI uri, String token) {
    this.socket =
        http.newWebSocketBuilder()
            .connectTimeout(HANDSHAKE)
            .header("Authorization", "Bearer " + token)
            .buildAsync(uri, new Listener(events))
            .join();
  }

  /// Connects.
  ///
  /// @return null when the server cannot be reached or has no room now
  /// @throws CliException when it refuses the credentials
  static @Nullable DeviceSocket connect(HttpClient http, URI uri, String token) {
    try {
      return new DeviceSocket(http, uri, token);
    } catch (CompletionException e) {
      if (e.getCause() instanceof WebSocketHandshakeException refused) {
        int status = refused.getResponse().statusCode();
        if (status >= 400 && status < 500) {
          throw CliException.refused(refusal(status));
        }
      }
      return null;
    }
  }

  private static String refusal(int status) {
    return switch (status) {
      case 401 -> "the gateway refuses the token";
      case 403 -> "the member is not registered";
      default -> "the gateway answers with status " + status;
    };
  }

  /// Blocks until something happens, at most so long.
  DeviceEvent next(Duration patience) throws InterruptedException {
    DeviceEvent event = events.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    if (event instanceof DeviceEvent.Frame) {
      socket.request(1);
    }
    return event == null ? new DeviceEvent.Quiet() : event;
  }

  void send(ObjectNode message) {
    try {
      socket.sendText(message.toString(), true).join();
    } catch (CompletionException e) {
      events.add(new DeviceEvent.Broken());
    }
  }

  @Override
  public void close() {
    socket.abort();
  }

  private static final class Listener implements WebSocket.Listener {
    private final BlockingQueue<DeviceEvent> events;
    private final StringBuilder frame = new StringBuilder();

    Listener(BlockingQueue<DeviceEvent> events) {
      this.events = events;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      frame.append(data);
      if (last) {
        events.add(new DeviceEvent.Frame(frame.toString()));
        frame.setLength(0);
      } else {
        socket.request(1);
      }
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
      events.add(new DeviceEvent.Ping());
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      events.add(new DeviceEvent.Closed(code));
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      events.add(new DeviceEvent.Broken());
    }
  }
}
