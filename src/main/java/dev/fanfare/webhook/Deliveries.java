package dev.fanfare.webhook;

import dev.fanfare.app.App;
import dev.fanfare.app.Tenants;
import dev.fanfare.broadcast.Broadcast;
import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.broadcast.Timeline;
import dev.fanfare.journal.Journal;
import dev.fanfare.journal.OutcomeUnknownException;
import dev.fanfare.journal.Rounds;
import dev.fanfare.journal.TryAgainException;
import dev.fanfare.member.Members;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.PassWebhook;
import dev.fanfare.schema.WebhookRecord;
import dev.fanfare.schema.WebhooksRecord;
import dev.fanfare.store.Store;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Posts the events of all webhooks of this node's cell, each webhook on a thread of its own, and
/// journals how far each has come about once a second.
///
/// One thread looks ten times a second for webhooks that have something to do, and proposes what
/// fixes who was not reached. Where another node has this duty nothing is posted, and how far a
/// webhook came is read from the journal when the duty comes back.
public final class Deliveries implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Deliveries.class);
  private static final Duration INTERVAL = Duration.ofMillis(100);
  private static final Duration JOURNALED_EVERY = Duration.ofSeconds(1);
  private static final int EVENTS_AT_ONCE = 100;

  private final Node node;
  private final Webhooks webhooks;
  private final Posts.Forms forms;
  private final Postman postman;
  private final UnreachedTimer unreached;
  private final Map<Key, Delivery> deliveries = new ConcurrentHashMap<>();
  private final Set<Key> busy = ConcurrentHashMap.newKeySet();
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final Rounds rounds;
  private volatile boolean closed;

  private record Key(int app, String webhook) {}

  /// What deliveries stand on.
  ///
  /// @param tenants as they are when asked
  /// @param wall measures pauses and ages
  /// @param tasks name broadcasts in the Tencent format
  public record Node(
      Store store,
      Supplier<Tenants> tenants,
      Timeline timeline,
      Journal journal,
      Clock wall,
      Function<Broadcast, PushTask> tasks) {}

  public Deliveries(Node node, Targets targets) {
    this.node = node;
    this.webhooks = new Webhooks(node.store());
    Broadcasts broadcasts = new Broadcasts(node.store());
    Members members = new Members(node.store());
    this.forms =
        new Posts.Forms(
            new StandardPosts(broadcasts, members),
            new TencentPosts(broadcasts, members, node.tasks()));
    this.postman = new Postman(targets, node.wall());
    this.unreached = new UnreachedTimer(node, broadcasts);
    this.rounds = new Rounds("webhooks", INTERVAL, this::look);
  }

  /// How a webhook's last event went on this node; empty when it had none.
  public Optional<DeliveryStatus> status(App app, String webhook) {
    return Optional.ofNullable(deliveries.get(new Key(app.number(), webhook)))
        .map(Delivery::status)
        .filter(status -> status.at().isAfter(Instant.EPOCH));
  }

  /// Posts a test to a webhook now and says what went wrong, if anything.
  ///
  /// @param id of the request
  public Optional<String> test(App app, WebhookRecord webhook, String id) {
    try {
      return delivery(webhook).test(app, id);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Optional.of("the server is stopping");
    }
  }

  private Delivery delivery(WebhookRecord webhook) {
    return new Delivery(webhook, forms.of(webhook.getSettings().getFormat()), postman, node.wall());
  }

  private void look() {
    if (!node.journal().onDuty()) {
      deliveries.clear();
      return;
    }
    Set<Key> known = new HashSet<>();
    Map<Integer, WebhooksRecord> all = webhooks.all();
    all.forEach((number, record) -> look(number, record, known));
    deliveries.keySet().retainAll(known);
    unreached.propose(all);
  }

  private void look(int number, WebhooksRecord record, Set<Key> known) {
    App app = node.tenants().get().byNumber(number).orElse(null);
    if (app == null) {
      return;
    }
    for (WebhookRecord webhook : record.getWebhooksList()) {
      Key key = new Key(number, webhook.getSettings().getId());
      known.add(key);
      work(app, key, deliveries.computeIfAbsent(key, _ -> delivery(webhook)));
    }
    tidy(number, record);
  }

  /// Goes on with a webhook that nobody is busy with. Only this thread makes one busy, so what its
  /// worker left is seen here.
  private void work(App app, Key key, Delivery delivery) {
    if (busy.contains(key)
        || !delivery.mayTry()
        || webhooks.after(key.app(), delivery.passed(), 1).isEmpty()) {
      return;
    }
    busy.add(key);
    workers.execute(() -> {
      try {
        deliver(app, key, delivery);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        log.error("webhook {} could not be served", delivery.id(), e);
        delivery.broke(e);
      } finally {
        busy.remove(key);
      }
    });
  }

  /// Posts what there is, and journals how far it came.
  private void deliver(App app, Key key, Delivery delivery) throws InterruptedException {
    Way way = new Way(key, delivery);
    try {
      List<Webhooks.Event> events = way.next();
      while (!events.isEmpty() && deliver(app, events, way)) {
        events = way.next();
      }
    } finally {
      way.journal();
    }
  }

  /// Posts events in their order, until one cannot be posted now. Returns whether all were.
  private boolean deliver(App app, List<Webhooks.Event> events, Way way)
      throws InterruptedException {
    for (Webhooks.Event event : events) {
      if (!way.isOpen() || !way.delivery.deliver(app, event)) {
        return false;
      }
      way.journalNowAndThen();
    }
    return true;
  }

  /// One webhook's way while its worker is busy with it, of which the journal hears once a second
  /// at most, and in the end.
  private final class Way {
    private final Key key;
    private final Delivery delivery;
    private EventKey journaled;
    private Instant journaledAt = node.wall().instant();

    Way(Key key, Delivery delivery) {
      this.key = key;
      this.delivery = delivery;
      this.journaled = delivery.passed();
    }

    List<Webhooks.Event> next() {
      return webhooks.after(key.app(), delivery.passed(), EVENTS_AT_ONCE);
    }

    /// A webhook that is removed meanwhile gets no more.
    boolean isOpen() {
      return !closed
          && deliveries.get(key) == delivery
          && webhooks.of(key.app()).getWebhooksList().stream()
              .anyMatch(webhook -> webhook.getSettings().getId().equals(key.webhook()));
    }

    void journalNowAndThen() {
      if (node.wall().instant().isAfter(journaledAt.plus(JOURNALED_EVERY))) {
        journal();
      }
    }

    void journal() {
      if (delivery.passed().compareTo(journaled) > 0 && isOpen()) {
        journaledAt = node.wall().instant();
        journaled = delivery.passed();
        pass(key, journaled);
      }
    }
  }

  /// Has events forgotten that every webhook has had: one entry forgets a bounded number, and a
  /// webhook that held others back may be gone.
  private void tidy(int number, WebhooksRecord record) {
    Optional<EventKey> oldest = webhooks.oldest(number);
    WebhookRecord last =
        record.getWebhooksList().stream()
            .min(Comparator.comparing(EventKey::passed))
            .orElseThrow(() -> new IllegalStateException("a record of no webhooks"));
    if (oldest.isPresent() && oldest.get().compareTo(EventKey.passed(last)) <= 0) {
      pass(new Key(number, last.getSettings().getId()), EventKey.passed(last));
    }
  }

  private void pass(Key key, EventKey passed) {
    PassWebhook.Builder pass =
        PassWebhook.newBuilder()
            .setId(key.webhook())
            .setOffset(passed.offset())
            .setPart(passed.part());
    try {
      node.journal().propose(Command.newBuilder().setApp(key.app()).setPassWebhook(pass).build());
    } catch (TryAgainException | OutcomeUnknownException e) {
      log.debug("how far a webhook came is journaled later: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    closed = true;
    rounds.close();
    postman.close();
    workers.shutdownNow();
    workers.close();
  }
}
