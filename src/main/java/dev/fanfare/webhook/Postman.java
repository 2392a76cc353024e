package dev.fanfare.webhook;

import dev.fanfare.schema.AddWebhook;
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

  /// What went wrong, if anything: 2xx is success, everything else is not.
  Optional<String> send(AddWebhook webhook, Posts.Post post) throws InterruptedException {
    Optional<String> complaint = targets.complaint(webhook.getUrl());
    if (complaint.isPresent()) {
      return Optional.of("the target " + complaint.get());
    }
    byte[] body = post.body().get();
    try {
      int status = status(request(webhook, post, body));
      return status / 100 == 2 ? Optional.empty() : Optional.of("HTTP status " + status);
    } catch (IOException | RuntimeException e) {
      // The client throws the latter at what it cannot send.
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

  private HttpRequest request(AddWebhook webhook, Posts.Post post, byte[] body) {
    long now = wall.instant().getEpochSecond();
    return HttpRequest.newBuilder(URI.create(url(webhook, post.query(), now)))
        .timeout(ANSWER_WITHIN)
        .header("Content-Type", "application/json")
        .header("User-Agent", "fanfare")
        .header("webhook-id", post.id())
        .header("webhook-timestamp", Long.toString(now))
        .header("webhook-signature", Signing.signature(webhook.getSecret(), post.id(), now, body))
        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
        .build();
  }

  /// The webhook's URL with what the request adds to its query.
  private static String url(AddWebhook webhook, String query, long now) {
    String url = webhook.getUrl();
    if (query.isEmpty()) {
      return url;
    }
    String token = webhook.getToken();
    String signed =
        token.isEmpty() ? "" : "&RequestTime=" + now + "&Sign=" + Signing.sign(token, now);
    return url + (URI.create(url).getRawQuery() == null ? "?" : "&") + query + signed;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
