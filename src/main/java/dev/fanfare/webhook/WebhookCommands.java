package dev.fanfare.webhook;

import dev.fanfare.journal.Outcome;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.AddWebhook;
import dev.fanfare.schema.PassWebhook;
import dev.fanfare.schema.RemoveWebhook;
import dev.fanfare.schema.WebhookRecord;
import dev.fanfare.schema.WebhooksRecord;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Table;
import java.util.ArrayList;
import java.util.List;

/// Applies the commands about webhooks. Owned by the applier's thread.
///
/// [#remove] and [#pass] visit committed events, so they need a group that begins with them.
public final class WebhookCommands {
  /// Events that one command removes at most; the next one goes on.
  private static final int REMOVED_AT_ONCE = 1_000;

  private final Batch batch;

  public WebhookCommands(Batch batch) {
    this.batch = batch;
  }

  /// The webhook is told what happens after this entry.
  public Outcome add(Stamp stamp, int app, AddWebhook command) {
    WebhooksRecord known = Webhooks.of(batch.get(Table.WEBHOOK, Key.bytes(app)));
    boolean exists =
        known.getWebhooksList().stream()
            .map(WebhookRecord::getSettings)
            .anyMatch(webhook ->
                webhook.getId().equals(command.getId())
                    || webhook.getUrl().equals(command.getUrl()));
    if (exists) {
      return new Outcome.Refused(new Refusal.AlreadyExists("a webhook with this url"));
    }
    if (known.getWebhooksCount() >= Webhooks.MOST) {
      return new Outcome.Refused(new Refusal.TooManyWebhooks(Webhooks.MOST));
    }
    WebhookRecord added =
        WebhookRecord.newBuilder()
            .setSettings(command)
            .setCreated(stamp.time())
            .setPassedOffset(stamp.offset())
            .build();
    put(app, known.toBuilder().addWebhooks(added));
    return new Outcome.Done();
  }

  /// Harmless when repeated.
  public Outcome remove(int app, RemoveWebhook command) {
    WebhooksRecord known = Webhooks.of(batch.get(Table.WEBHOOK, Key.bytes(app)));
    List<WebhookRecord> kept =
        known.getWebhooksList().stream()
            .filter(webhook -> !webhook.getSettings().getId().equals(command.getId()))
            .toList();
    if (kept.isEmpty()) {
      batch.delete(Table.WEBHOOK, Key.bytes(app));
      byte[] all = Key.bytes(app);
      batch.deleteRange(Table.EVENT, all, Key.after(all));
    } else {
      put(app, known.toBuilder().clearWebhooks().addAllWebhooks(kept));
    }
    return new Outcome.Done();
  }

  /// Notes how far a webhook has come, and forgets some of the events that all have passed.
  public Outcome pass(int app, PassWebhook command) {
    WebhooksRecord known = Webhooks.of(batch.get(Table.WEBHOOK, Key.bytes(app)));
    WebhooksRecord.Builder changed = known.toBuilder();
    EventKey passed = new EventKey(command.getOffset(), command.getPart());
    for (WebhookRecord.Builder webhook : changed.getWebhooksBuilderList()) {
      boolean further = EventKey.passed(webhook).compareTo(passed) < 0;
      if (webhook.getSettings().getId().equals(command.getId()) && further) {
        webhook.setPassedOffset(passed.offset()).setPassedPart(passed.part());
      }
    }
    changed.getWebhooksBuilderList().stream()
        .map(EventKey::passed)
        .min(EventKey::compareTo)
        .ifPresent(all -> changed.setPending(changed.getPending() - forget(app, all)));
    if (changed.getWebhooksCount() > 0) {
      put(app, changed);
    }
    return new Outcome.Done();
  }

  private int forget(int app, EventKey upTo) {
    List<byte[]> passed = new ArrayList<>();
    batch.scanCommitted(
        Table.EVENT,
        Key.bytes(app),
        upTo.next().in(app),
        (key, _) -> {
          passed.add(key);
          return passed.size() < REMOVED_AT_ONCE;
        });
    passed.forEach(key -> batch.delete(Table.EVENT, key));
    return passed.size();
  }

  private void put(int app, WebhooksRecord.Builder changed) {
    batch.put(Table.WEBHOOK, Key.bytes(app), changed.build().toByteArray());
  }
}
