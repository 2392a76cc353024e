package dev.fanfare.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.AddWebhook;
import dev.fanfare.schema.BroadcastProgress;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.EventKind;
import dev.fanfare.schema.WebhookRecord;
import dev.fanfare.schema.WebhooksRecord;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.MemoryStore;
import dev.fanfare.store.Table;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What becomes of events when too many are pending.
final class EventsTest {
  private static final int APP = 1;
  private static final int MOST = Events.MOST_PENDING;
  private static final EventKey NOTHING = new EventKey(0, 0);

  private final MemoryStore store = new MemoryStore();

  EventsTest() {}

  private static WebhookRecord webhook(String id, EventKey passed, EventKind kind) {
    return WebhookRecord.newBuilder()
        .setSettings(AddWebhook.newBuilder().setId(id).addEvents(kind))
        .setPassedOffset(passed.offset())
        .setPassedPart(passed.part())
        .build();
  }

  private static void put(MemoryStore store, WebhookRecord... webhooks) {
    Batch batch = new Batch(store);
    WebhooksRecord.Builder record = WebhooksRecord.newBuilder();
    for (WebhookRecord webhook : webhooks) {
      record.addWebhooks(webhook);
    }
    batch.put(Table.WEBHOOK, Key.bytes(APP), record.build().toByteArray());
    store.write(batch);
  }

  /// Entries of one event each, from an offset on, in groups of so many.
  private static void happen(MemoryStore store, int from, int count, IntSupplier group) {
    BroadcastRecord broadcast = BroadcastRecord.newBuilder().setApp(APP).setNumber(1).build();
    int offset = from;
    while (offset < from + count) {
      Batch batch = new Batch(store);
      Events events = new Events(batch);
      int end = Math.min(from + count, offset + group.getAsInt());
      for (; offset < end; offset++) {
        events.life(new Stamp(offset, offset), broadcast, BroadcastProgress.getDefaultInstance());
      }
      store.write(batch);
    }
  }

  private WebhooksRecord record() {
    return new Webhooks(store).of(APP);
  }

  @Test
  void dead_webhook_loses_the_oldest_events_and_a_healthy_one_nothing() {
    EventKey healthy = new EventKey(MOST, 0);
    put(store, webhook("dead", NOTHING, EventKind.LIFE), webhook("w", healthy, EventKind.LIFE));
    happen(store, 1, MOST, () -> MOST);
    assertThat(record().getPending()).isEqualTo(MOST);
    assertThat(record().getLost()).isZero();

    happen(store, MOST + 1, 1, () -> 1);
    assertThat(record().getPending()).isEqualTo(MOST - Events.FORGOTTEN_AT_ONCE + 1);
    assertThat(store.table(Table.EVENT)).hasSize(record().getPending());
    assertThat(record().getLost()).isEqualTo(Events.FORGOTTEN_AT_ONCE);
    assertThat(record().getWebhooksList())
        .extracting(EventKey::passed)
        .containsExactly(new EventKey(Events.FORGOTTEN_AT_ONCE, 0), healthy);
    assertThat(new Webhooks(store).after(APP, healthy, 10))
        .extracting(Webhooks.Event::key)
        .containsExactly(new EventKey(MOST + 1, 0));
    assertThat(new Webhooks(store).oldest(APP))
        .contains(new EventKey(Events.FORGOTTEN_AT_ONCE + 1, 0));
  }

  @Test
  void event_that_nobody_who_wants_it_misses_is_not_lost() {
    EventKey healthy = new EventKey(10, 0);
    put(store, webhook("dead", NOTHING, EventKind.RECEIPT), webhook("w", healthy, EventKind.LIFE));
    happen(store, 1, MOST + 1, () -> MOST);
    assertThat(record().getLost()).isEqualTo(Events.FORGOTTEN_AT_ONCE - 10);
  }

  @Test
  void groups_do_not_change_what_is_forgotten() {
    Random random = new Random(7);
    int count = MOST + 3 * Events.FORGOTTEN_AT_ONCE + 5;
    Map<String, String> expected = after(count, () -> count);
    assertThat(after(count, () -> 1 + random.nextInt(5_000))).isEqualTo(expected);
    assertThat(after(count, () -> MOST - 500)).isEqualTo(expected);
  }

  private static Map<String, String> after(int count, IntSupplier group) {
    MemoryStore store = new MemoryStore();
    put(store, webhook("dead", NOTHING, EventKind.LIFE));
    happen(store, 1, count, group);
    Map<String, String> all = hex(store, Table.EVENT);
    all.putAll(hex(store, Table.WEBHOOK));
    return all;
  }

  private static Map<String, String> hex(MemoryStore store, Table table) {
    HexFormat hex = HexFormat.of();
    return store.table(table).entrySet().stream()
        .collect(
            Collectors.toMap(
                row -> table + hex.formatHex(row.getKey()), row -> hex.formatHex(row.getValue())));
  }
}
