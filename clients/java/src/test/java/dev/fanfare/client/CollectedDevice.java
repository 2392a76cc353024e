package dev.fanfare.client;

import com.google.gson.JsonObject;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A device as a program, for the server's tests: asks its collector how to connect, and tells it
/// everything that it is told. Arguments: the collector's URL, and the file that keeps the
/// position.
final class CollectedDevice implements DeviceListener {
  private final HttpClient http = HttpClient.newHttpClient();
  private final String collector;
  private final FanfareDevice device;

  private CollectedDevice(String collector, File file) throws Exception {
    this.collector = collector;
    JsonObject options = Objects.requireNonNull(Json.parse(ask("/options", null)));
    DeviceOptions connecting =
        DeviceOptions.of(
                Json.text(options, "url"), Json.text(options, "app"), () -> ask("/token", null))
            .withStore(new FileStore(file));
    device = FanfareDevice.connect(connecting, this);
  }

  /// Runs until the process is asked to stop.
  public static void main(String[] arguments) throws Exception {
    CollectedDevice made = new CollectedDevice(arguments[0], new File(arguments[1]));
    Runtime.getRuntime().addShutdownHook(new Thread(made::stop));
  }

  private void stop() {
    device.close();
    try {
      device.awaitClosed(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void onBroadcast(Broadcast broadcast) {
    tell(broadcast.toString());
    JsonObject body = Json.object(broadcast.message(), "body");
    if (body.has("read")) {
      device.read(broadcast.id());
    }
  }

  @Override
  public void onState(DeviceState state) {
    JsonObject event = new JsonObject();
    event.addProperty("type", "state");
    event.addProperty("state", state.kind().name().toLowerCase(Locale.ROOT));
    event.addProperty("code", state.code());
    event.addProperty("status", state.status());
    event.addProperty("reason", state.reason());
    tell(event.toString());
  }

  private void tell(String event) {
    try {
      ask("/events", event);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String ask(String path, @Nullable String body) throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(collector + path));
    if (body != null) {
      request.POST(BodyPublishers.ofString(body));
    }
    return http.send(request.build(), BodyHandlers.ofString()).body();
  }
}
