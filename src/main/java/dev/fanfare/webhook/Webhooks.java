package dev.fanfare.webhook;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.schema.AddWebhook;
import dev.fanfare.schema.EventKind;
import dev.fanfare.schema.EventRecord;
import dev.fanfare.schema.WebhooksRecord;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads webhooks and their events as last committed. Any thread.
public final class Webhooks {
  /// What an app may have.
  public static final int MOST = 10;

  private final Store store;

  public Webhooks(Store store) {
    this.store = store;
  }

  /// The webhooks of an app.
  public WebhooksRecord of(int app) {
    return of(store.get(Table.WEBHOOK, Key.bytes(app)));
  }

  /// The webhooks of every app that has some, by the app's number.
  Map<Integer, WebhooksRecord> all() {
    Map<Integer, WebhooksRecord> all = new LinkedHashMap<>();
    store.scan(
        Table.WEBHOOK,
        Key.bytes(0),
        null,
        (key, value) -> {
          all.put(ByteBuffer.wrap(key).getInt(), of(value));
          return true;
        });
    return all;
  }

  record Event(EventKey key, EventRecord record) {}

  /// The events of an app after one of them, oldest first.
  List<Event> after(int app, EventKey passed, int most) {
    List<Event> events = new ArrayList<>();
    store.scan(
        Table.EVENT,
        passed.next().in(app),
        Key.after(Key.bytes(app)),
        (key, value) -> {
          events.add(event(key, value));
          return events.size() < most;
        });
    return events;
  }

  /// The oldest event of an app that is still kept.
  Optional<EventKey> oldest(int app) {
    List<EventKey> first = new ArrayList<>(1);
    store.scan(
        Table.EVENT,
        Key.bytes(app),
        Key.after(Key.bytes(app)),
        (key, _) -> {
          first.add(EventKey.of(key));
          return false;
        });
    return first.stream().findFirst();
  }

  /// Whether a webhook is one for such an event.
  static boolean wants(AddWebhook webhook, EventRecord event) {
    EventKind kind =
        switch (event.getKindCase()) {
          case LIFE -> EventKind.LIFE;
          case RECEIPT -> EventKind.RECEIPT;
          case UNREACHED -> EventKind.UNREACHED;
          case KIND_NOT_SET -> throw new IllegalStateException("an event of no kind");
        };
    return webhook.getEventsList().contains(kind);
  }

  static WebhooksRecord of(byte @Nullable [] stored) {
    try {
      return stored == null
          ? WebhooksRecord.getDefaultInstance()
          : WebhooksRecord.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("the record of an app's webhooks is damaged", e);
    }
  }

  /// Reads a row.
  static Event event(byte[] key, byte[] stored) {
    try {
      return new Event(EventKey.of(key), EventRecord.parseFrom(stored));
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a webhook's event is damaged", e);
    }
  }
}
