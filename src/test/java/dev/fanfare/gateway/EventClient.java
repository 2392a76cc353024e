package dev.fanfare.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A device that hears events: the HTTP client of the JDK, and what the HTML standard says about
/// lines of an event stream.
public final class EventClient implements AutoCloseable {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long SECONDS = 20;

  private final HttpResponse<InputStream> response;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private volatile @Nullable String lastId;

  /// One event, or a comment, whose type is `:`, or the end of the stream, whose type is empty.
  ///
  /// @param id null when the event had none
  public record Event(@Nullable String id, String type, String data) {
    public JsonNode json() {
      try {
        return JSON.readTree(data);
      } catch (JsonProcessingException e) {
        throw new AssertionError(data, e);
      }
    }
  }

  private EventClient(HttpRequest request) {
    try {
      this.response = HTTP.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    Thread.ofVirtual().start(this::read);
  }

  /// Asks for events.
  ///
  /// @param headers names and values in turn
  public static EventClient open(int port, String target, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target))
            .timeout(Duration.ofSeconds(SECONDS));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return new EventClient(request.build());
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      String id = null;
      String type = "message";
      String data = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("id: ")) {
          id = line.substring(4);
        } else if (line.startsWith("event: ")) {
          type = line.substring(7);
        } else if (line.startsWith("data: ")) {
          data += line.substring(6);
        } else if (line.startsWith(":")) {
          events.add(new Event(null, ":", ""));
        } else if (line.isEmpty() && !data.isEmpty()) {
          lastId = id == null ? lastId : id;
          events.add(new Event(id, type, data));
          id = null;
          type = "message";
          data = "";
        }
      }
    } catch (IOException e) {
      // The connection broke, which is an end as well.
    }
    events.add(new Event(null, "", ""));
  }

  public int status() {
    return response.statusCode();
  }

  String header(String name) {
    return response.headers().firstValue(name).orElse("");
  }

  /// What a browser would say as `Last-Event-ID`; null when no event had one.
  public @Nullable String lastId() {
    return lastId;
  }

  /// The next event, in time.
  public Event next() {
    try {
      Event event = events.poll(SECONDS, TimeUnit.SECONDS);
      if (event == null) {
        throw new AssertionError("no event came");
      }
      return event;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /// The events up to and with the next of a type.
  public List<Event> next(String type) {
    List<Event> heard = new ArrayList<>();
    do {
      heard.add(next());
    } while (!heard.getLast().type().equals(type) && !heard.getLast().type().isEmpty());
    return heard;
  }

  @Override
  public void close() {
    try {
      response.body().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
