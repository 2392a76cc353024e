package dev.fanfare.webhook;

import dev.fanfare.app.App;
import dev.fanfare.schema.WebhookRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  private final Clock wall;
  private EventKey passed;

  /// The event that was tried last, and what is left to send of it. It may be forgotten meanwhile.
  private @Nullable EventKey tried;

  private List<Posts.Post> unsent = List.of();
  private int failures;
  private Instant notBefore = Instant.EPOCH;
  private volatile DeliveryStatus status = new DeliveryStatus(Instant.EPOCH, 0, Optional.empty());

  /// @param posts in the webhook's format
  /// @param wall measures pauses and ages
  Delivery(WebhookRecord webhook, Posts posts, Postman postman, Clock wall) {
    this.webhook = webhook;
    this.posts = posts;
    this.postman = postman;
    this.wall = wall;
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

  boolean mayTry() {
    return !wall.instant().isBefore(notBefore);
  }

  /// Posts an event if the webhook wants it. Returns whether it is done with; if not, it has to
  /// come again.
  boolean deliver(App app, Webhooks.Event event) throws InterruptedException {
    boolean done = !Webhooks.wants(webhook.getSettings(), event.record()) || post(app, event);
    if (done) {
      passed = event.key();
    }
    return done;
  }

  private boolean post(App app, Webhooks.Event event) throws InterruptedException {
    Instant happened = Instant.ofEpochMilli(event.record().getTime());
    boolean old = happened.plus(GIVE_UP_AFTER).isBefore(wall.instant());
    if (old && failures > 0) {
      return true;
    }
    if (!event.key().equals(tried)) {
      unsent = posts.of(app, event);
      tried = event.key();
    }
    if (unsent.isEmpty()) {
      failures = 0;
      return true;
    }
    Map<Posts.Post, String> errors = send(unsent);
    unsent = List.copyOf(errors.keySet());
    ended(errors.values().stream().findFirst());
    return unsent.isEmpty();
  }

  /// Notes that serving it broke, which is tried again like a request that failed.
  void broke(RuntimeException why) {
    ended(Optional.of(why.toString()));
  }

  /// Notes how an attempt ended. The pause begins here, however long that took.
  private void ended(Optional<String> error) {
    Instant now = wall.instant();
    failures = error.isEmpty() ? 0 : failures + 1;
    status = new DeliveryStatus(now, failures, error);
    if (error.isPresent()) {
      notBefore = now.plus(pause());
    }
  }

  /// One second, then twice as long each time.
  private Duration pause() {
    Duration pause = Duration.ofSeconds(1L << Math.min(failures - 1, 20));
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }

  /// Sends requests, some at once, and returns those that failed with what went wrong.
  private Map<Posts.Post, String> send(List<Posts.Post> all) throws InterruptedException {
    Map<Posts.Post, String> errors = new LinkedHashMap<>();
    try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int from = 0; from < all.size(); from += AT_ONCE) {
        List<Posts.Post> some = all.subList(from, Math.min(all.size(), from + AT_ONCE));
        List<Future<Optional<String>>> sent =
            some.stream().map(post -> senders.submit(() -> send(post))).toList();
        for (int i = 0; i < sent.size(); i++) {
          Posts.Post post = some.get(i);
          sent.get(i).get().ifPresent(error -> errors.put(post, error));
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a webhook's request broke", e);
    }
    return errors;
  }

  private Optional<String> send(Posts.Post post) throws InterruptedException {
    return postman.send(webhook.getSettings(), post);
  }

  /// Sends a test at once, whatever else waits. It says nothing of how events go.
  Optional<String> test(App app, String id) throws InterruptedException {
    return send(posts.test(app, id, wall.instant()));
  }
}
