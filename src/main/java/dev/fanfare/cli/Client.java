package dev.fanfare.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Calls the native API of a server.
final class Client {
  /// Numbers keep their digits, whatever their length: those of messages are not ours.
  static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNumberLength(Integer.MAX_VALUE).build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration EVENTS_AGAIN = Duration.ofSeconds(2);
  private static final Duration ANSWER = Duration.ofSeconds(30);

  /// How long events may be silent: three of the comments that come every 15 seconds.
  private static final Duration EVENTS_SILENT = Duration.ofSeconds(45);

  private final HttpClient http;
  private final URI server;
  private final String key;
  private final Duration patience;

  /// @param trusted decides which servers are trusted; null for what the JVM trusts
  Client(URI server, String key, @Nullable SSLContext trusted) {
    this(server, key, trusted, EVENTS_SILENT);
  }

  /// @param patience how long events may be silent before they are asked for again
  Client(URI server, String key, @Nullable SSLContext trusted, Duration patience) {
    HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(CONNECT);
    this.http = (trusted == null ? builder : builder.sslContext(trusted)).build();
    this.server = server;
    this.key = key;
    this.patience = patience;
  }

  /// What the server answered.
  ///
  /// @param body an empty object when there was none
  record Answer(int status, JsonNode body) {
    boolean done() {
      return status < 300;
    }

    String code() {
      return body.path("code").asText();
    }
  }

  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /// A number or a truth value where the text is one, else the text.
  static JsonNode scalar(String text) {
    if (text.equals("true") || text.equals("false")) {
      return JSON.getNodeFactory().booleanNode(text.equals("true"));
    }
    return text.matches("-?[0-9]{1,18}")
        ? JSON.getNodeFactory().numberNode(Long.parseLong(text))
        : JSON.getNodeFactory().textNode(text);
  }

  /// One segment of a path, encoded.
  static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A");
  }

  /// A value in a query, encoded.
  static String value(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  HttpClient http() {
    return http;
  }

  JsonNode get(String path) {
    return require(send("GET", path, null, Map.of()));
  }

  JsonNode post(String path, JsonNode body) {
    return require(send("POST", path, body, Map.of()));
  }

  void delete(String path) {
    require(send("DELETE", path, null, Map.of()));
  }

  JsonNode put(String path, JsonNode body) {
    return require(send("PUT", path, body, Map.of()));
  }

  JsonNode patch(String path, JsonNode body) {
    return require(send("PATCH", path, body, Map.of()));
  }

  /// The one app that the key may enter.
  String onlyApp() {
    JsonNode apps = get("/v1/apps").path("apps");
    if (apps.size() != 1) {
      throw CliException.badUsage("there are " + apps.size() + " apps: pass --app");
    }
    return apps.path(0).path("id").asText();
  }

  /// The body of an answer that is not a refusal.
  static JsonNode require(Answer answer) {
    if (answer.done()) {
      return answer.body();
    }
    throw problem(answer);
  }

  /// What a refusal says.
  static CliException problem(Answer answer) {
    String code = answer.code().isEmpty() ? "status " + answer.status() : answer.code();
    String pointer = answer.body().path("pointer").asText();
    String detail = answer.body().path("detail").asText();
    String line = code + (detail.isEmpty() ? "" : ": " + detail);
    line += pointer.isEmpty() ? "" : " (" + pointer + ")";
    return answer.status() < 500 ? CliException.refused(line) : CliException.failed(line);
  }

  /// @param body null for none
  Answer send(String method, String path, @Nullable JsonNode body, Map<String, String> headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server + path))
            .timeout(ANSWER)
            .header("Authorization", "Bearer " + key)
            .method(
                method,
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString()));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    headers.forEach(request::header);
    try {
      HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
      return new Answer(response.statusCode(), parse(response.body()));
    } catch (SSLException e) {
      throw CliException.failed(
          "no TLS connection to " + server + ": " + e.getMessage() + "; is --ca needed?");
    } catch (ConnectException | HttpConnectTimeoutException e) {
      throw CliException.failed("cannot reach " + server + "; does the server run?");
    } catch (IOException e) {
      throw CliException.failed("no answer from " + server + ": " + why(e));
    } catch (InterruptedException _) {
      throw CliException.interrupted();
    }
  }

  /// Sends a request whose answer is read while it arrives. The caller closes it.
  ///
  /// @throws CliException when it was refused
  HttpResponse<InputStream> stream(HttpRequest.Builder request) {
    try {
      HttpResponse<InputStream> response =
          http.send(
              request.header("Authorization", "Bearer " + key).build(),
              BodyHandlers.ofInputStream());
      if (response.statusCode() >= 300) {
        try (InputStream body = response.body()) {
          require(new Answer(response.statusCode(), parse(body.readAllBytes())));
        }
      }
      return response;
    } catch (IOException e) {
      throw CliException.failed("no connection to " + server + ": " + why(e));
    } catch (InterruptedException _) {
      throw CliException.interrupted();
    }
  }

  /// An answer that is text, whatever its status.
  String text(String path) {
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create(server + path)).timeout(ANSWER).build(),
              BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw CliException.failed("cannot reach " + server + "; does the server run?");
    } catch (InterruptedException _) {
      throw CliException.interrupted();
    }
  }

  /// Writes the body of an answer that is not JSON.
  void download(String method, String path, String type, OutputStream out) {
    try {
      HttpResponse<InputStream> response =
          http.send(
              HttpRequest.newBuilder(URI.create(server + path))
                  .header("Authorization", "Bearer " + key)
                  .header("Accept", type)
                  .method(method, BodyPublishers.noBody())
                  .build(),
              BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        if (response.statusCode() >= 300) {
          require(new Answer(response.statusCode(), parse(body.readAllBytes())));
        }
        body.transferTo(out);
        out.flush();
      }
    } catch (IOException e) {
      throw CliException.failed("the answer of " + server + " broke off: " + e.getMessage());
    } catch (InterruptedException _) {
      throw CliException.interrupted();
    }
  }

  static String why(Exception e) {
    return switch (e) {
      case NoSuchFileException _ -> "no such file";
      case AccessDeniedException _ -> "permission denied";
      default -> Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName());
    };
  }

  /// The address of a path of the server.
  URI address(String path) {
    return URI.create(server + path);
  }

  /// Follows server-sent events until the visitor says stop or one of type `end` came. Connects
  /// again, a moment later, when the connection breaks, falls silent, or the stream just ends.
  void events(String path, Predicate<JsonNode> visitor) {
    boolean more = true;
    boolean connected = false;
    while (more) {
      try {
        HttpResponse<InputStream> response =
            http.send(
                HttpRequest.newBuilder(URI.create(server + path))
                    .timeout(ANSWER)
                    .header("Authorization", "Bearer " + key)
                    .build(),
                BodyHandlers.ofInputStream());
        try (LiveLines lines = new LiveLines(response.body(), patience)) {
          if (response.statusCode() != 200) {
            require(new Answer(response.statusCode(), parse(response.body().readAllBytes())));
          }
          connected = true;
          more = EventLines.read(lines, visitor);
        }
        if (more) {
          pause();
        }
      } catch (IOException | UncheckedIOException e) {
        if (!connected) {
          throw CliException.failed("cannot reach " + server + "; does the server run?");
        }
        pause();
      } catch (InterruptedException _) {
        throw CliException.interrupted();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(EVENTS_AGAIN);
    } catch (InterruptedException _) {
      throw CliException.interrupted();
    }
  }

  private JsonNode parse(byte[] body) throws IOException {
    try {
      return body.length == 0 ? object() : JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw CliException.failed(server + " does not answer like a Fanfare server");
    }
  }
}
