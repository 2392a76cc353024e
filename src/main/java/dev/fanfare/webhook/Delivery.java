package dev.fanfare.webhook;

import dev.fanfare.app.App;
import dev.fanfare.schema.WebhookRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// One webhook's way through its app's events: one after the other, in journal order, the requests
/// of one event up to eight at once.
///
/// An event that cannot be posted is tried again, later and later, until it is a day old; then it
/// is given up, and so are the older ones behind it. Owned by one thread at a time; [#status] is
/// for any.
final class Delivery {
  static final int AT_ONCE = 8;
  private static final Duration GIVE_UP_AFTER = Duration.ofDays(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  private final WebhookRecord webhook;
  private final Posts posts;
  private final Postman postman;
  private EventKey passed;

  /// The event that was tried last, and what is left to send of it. It may be forgotten meanwhile.
  private @Nullable EventKey tried;

  private List<Posts.Post> unsent = List.of();
  private int failures;
  private Instant notBefore = Instant.EPOCH;
  private volatile DeliveryStatus status = new DeliveryStatus(Instant.EPOCH, 0, Optional.empty());

  /// @param posts in the webhook's format
  Delivery(WebhookRecord webhook, Posts posts, Postman postman) {
    this.webhook = webhook;
    this.posts = posts;
    this.postman = postman;
    this.passed = EventKey.passed(webhook);
  }

  String id() {
    return webhook.getSettings().getId();
  }

  /// The last event that it has had or given up.
  EventKey passed() {
    return passed;
  }

  DeliveryStatus status() {
    return status;
  }

  boolean mayTry(Instant now) {
    return !now.isBefore(notBefore);
  }

  /// Posts events in their order, until one cannot be posted now. Returns whether all were.
  boolean deliver(App app, List<Webhooks.Event> events, Instant now) throws InterruptedException {
    for (Webhooks.Event event : events) {
      if (!Webhooks.wants(webhook.getSettings(), event.record()) || deliver(app, event, now)) {
        passed = event.key();
      } else {
        return false;
      }
    }
    return true;
  }

  /// Whether an event is done with.
  private boolean deliver(App app, Webhooks.Event event, Instant now) throws InterruptedException {
    Instant happened = Instant.ofEpochMilli(event.record().getTime());
    boolean old = happened.plus(GIVE_UP_AFTER).isBefore(now);
    if (old && failures > 0) {
      return true;
    }
    if (!event.key().equals(tried)) {
      unsent = posts.of(app, event);
      tried = event.key();
    }
    unsent = send(unsent);
    if (unsent.isEmpty()) {
      failures = 0;
      return true;
    }
    failures++;
    notBefore = now.plus(pause());
    return false;
  }

  /// Notes that serving it broke, which is tried again like a request that failed.
  void broke(RuntimeException why, Instant now) {
    status = new DeliveryStatus(now, status.failures() + 1, Optional.of(why.toString()));
    failures++;
    notBefore = now.plus(pause());
  }

  /// One second, then twice as long each time.
  private Duration pause() {
    Duration pause = Duration.ofSeconds(1L << Math.min(failures - 1, 20));
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }

  /// Sends requests, some at once, and returns those that failed.
  private List<Posts.Post> send(List<Posts.Post> all) throws InterruptedException {
    List<Posts.Post> failed = new ArrayList<>();
    try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int from = 0; from < all.size(); from += AT_ONCE) {
        List<Posts.Post> some = all.subList(from, Math.min(all.size(), from + AT_ONCE));
        List<Future<Optional<String>>> sent =
            some.stream().map(post -> senders.submit(() -> send(post))).toList();
        for (int i = 0; i < sent.size(); i++) {
          if (sent.get(i).get().isPresent()) {
            failed.add(some.get(i));
          }
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a webhook's request broke", e);
    }
    return failed;
  }

  /// Sends a test at once, whatever else waits.
  Optional<String> test(App app, String id, Instant now) throws InterruptedException {
    return send(posts.test(app, id, now));
  }

  private Optional<String> send(Posts.Post post) throws InterruptedException {
    Optional<String> error = postman.send(webhook.getSettings(), post);
    status = new DeliveryStatus(Instant.now(), error.isEmpty() ? 0 : status.failures() + 1, error);
    return error;
  }
}
