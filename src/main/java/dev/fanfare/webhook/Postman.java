package dev.fanfare.webhook;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/// Sends one request to a webhook and says what came of it. Any thread; blocks.
///
/// Redirects are not followed, because they could lead to where the target may not be.
final class Postman implements AutoCloseable {
  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

  private final Targets targets;
  private final Clock wall;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT_WITHIN)
          .followRedirects(HttpClient.Redirect.NEVER)
          .version(HttpClient.Version.HTTP_1_1)
          .build();

  Postman(Targets targets, Clock wall) {
    this.targets = targets;
    this.wall = wall;
  }

  /// Where to, and signed with what.
  record Address(String url, String secret) {}

  /// What went wrong, if anything: 2xx is success, everything else is not.
  Optional<String> send(Address address, Posts.Post post) throws InterruptedException {
    Optional<String> complaint = targets.complaint(address.url());
    if (complaint.isPresent()) {
      return Optional.of("the target " + complaint.get());
    }
    try {
      int status = status(request(address, post));
      return status / 100 == 2 ? Optional.empty() : Optional.of("HTTP status " + status);
    } catch (IOException e) {
      return Optional.of(Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName()));
    }
  }

  /// What the receiver answers with. Of the body nothing is read: it could be without an end.
  private int status(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<InputStream> answer = http.send(request, BodyHandlers.ofInputStream());
    try (InputStream _ = answer.body()) {
      return answer.statusCode();
    }
  }

  private HttpRequest request(Address address, Posts.Post post) {
    long now = wall.instant().getEpochSecond();
    return HttpRequest.newBuilder(URI.create(address.url()))
        .timeout(ANSWER_WITHIN)
        .header("Content-Type", "application/json")
        .header("User-Agent", "fanfare")
        .header("webhook-id", post.id())
        .header("webhook-timestamp", Long.toString(now))
        .header(
            "webhook-signature", Signing.signature(address.secret(), post.id(), now, post.body()))
        .POST(HttpRequest.BodyPublishers.ofByteArray(post.body()))
        .build();
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
