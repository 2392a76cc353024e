package dev.fanfare.webhook;

import com.google.protobuf.ByteString;
import dev.fanfare.broadcast.BroadcastEvents;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.BroadcastProgressOrBuilder;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.EventKind;
import dev.fanfare.schema.EventRecord;
import dev.fanfare.schema.LifeEvent;
import dev.fanfare.schema.ReceiptEvent;
import dev.fanfare.schema.UnreachedEvent;
import dev.fanfare.schema.WebhookRecord;
import dev.fanfare.schema.WebhooksRecord;
import dev.fanfare.store.Batch;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.Key;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.roaringbitmap.RoaringBitmap;

/// Keeps events for the webhooks that want them, in one group's batch. Owned by the applier's
/// thread.
public final class Events implements BroadcastEvents {
  /// Events that an app may have pending. When one more comes the oldest are forgotten; those that
  /// some webhook wanted and has not had are lost, and counted.
  static final int MOST_PENDING = 100_000;

  /// How many are forgotten at once, so that one look at the store makes room for as many.
  static final int FORGOTTEN_AT_ONCE = 1_000;

  private final Batch batch;

  /// The events of each app that this batch put and did not forget, oldest first: all are younger
  /// than the committed ones.
  private final Map<Integer, Set<EventKey>> own = new HashMap<>();

  private long offset = -1;
  private int parts;

  public Events(Batch batch) {
    this.batch = batch;
  }

  @Override
  public boolean wanted(int app, EventKind kind, long happened) {
    return Webhooks.of(batch.get(Table.WEBHOOK, Key.bytes(app))).getWebhooksList().stream()
        .anyMatch(webhook ->
            webhook.getCreated() <= happened
                && webhook.getSettings().getEventsList().contains(kind));
  }

  @Override
  public void life(Stamp stamp, BroadcastRecord broadcast, BroadcastProgressOrBuilder progress) {
    if (wanted(broadcast.getApp(), EventKind.LIFE, stamp.time())) {
      LifeEvent.Builder life =
          LifeEvent.newBuilder()
              .setState(progress.getState())
              .setRecipients(progress.getRecipients())
              .setReleased(progress.getReleased())
              .setReached(progress.getReached())
              .setDelivered(progress.getDelivered())
              .setRead(progress.getRead());
      put(stamp, broadcast, EventRecord.newBuilder().setLife(life));
    }
  }

  @Override
  public void receipt(Stamp stamp, BroadcastRecord broadcast, int chunk, Gained gained) {
    if (wanted(broadcast.getApp(), EventKind.RECEIPT, stamp.time())) {
      ReceiptEvent.Builder receipt =
          ReceiptEvent.newBuilder()
              .setChunk(chunk)
              .setReached(bytes(gained.reached()))
              .setDelivered(bytes(gained.delivered()))
              .setRead(bytes(gained.read()));
      put(stamp, broadcast, EventRecord.newBuilder().setReceipt(receipt));
    }
  }

  @Override
  public void unreached(Stamp stamp, BroadcastRecord broadcast, Missed missed) {
    UnreachedEvent.Builder unreached =
        UnreachedEvent.newBuilder()
            .setSlice(missed.slice())
            .setChunk(missed.chunk())
            .setMembers(bytes(missed.members()));
    put(stamp, broadcast, EventRecord.newBuilder().setUnreached(unreached));
  }

  /// The offset of the oldest event of an app that some webhook has not had, as committed;
  /// [Long#MAX_VALUE] when there is none.
  public static long oldestPending(Batch batch, int app) {
    long[] oldest = {Long.MAX_VALUE};
    byte[] all = Key.bytes(app);
    batch.scanCommitted(
        Table.EVENT,
        all,
        Key.after(all),
        (key, _) -> {
          oldest[0] = ByteBuffer.wrap(key).getLong(Integer.BYTES);
          return false;
        });
    return oldest[0];
  }

  private static ByteString bytes(RoaringBitmap members) {
    return members.isEmpty()
        ? ByteString.EMPTY
        : ByteString.copyFrom(BitmapBytes.serialize(members));
  }

  private void put(Stamp stamp, BroadcastRecord broadcast, EventRecord.Builder event) {
    int app = broadcast.getApp();
    WebhooksRecord.Builder webhooks =
        Webhooks.of(batch.get(Table.WEBHOOK, Key.bytes(app))).toBuilder();
    if (webhooks.getPending() >= MOST_PENDING) {
      makeRoom(app, webhooks);
    }
    EventKey key = next(stamp);
    EventRecord kept = event.setBroadcast(broadcast.getNumber()).setTime(stamp.time()).build();
    batch.put(Table.EVENT, key.in(app), kept.toByteArray());
    own(app).add(key);
    webhooks.setPending(webhooks.getPending() + 1);
    batch.put(Table.WEBHOOK, Key.bytes(app), webhooks.build().toByteArray());
  }

  /// Forgets the oldest events. A webhook that has not had them goes on behind them.
  private void makeRoom(int app, WebhooksRecord.Builder webhooks) {
    List<Webhooks.Event> oldest = oldest(app);
    long lost = oldest.stream().filter(event -> isMissed(webhooks, event)).count();
    oldest.forEach(event -> batch.delete(Table.EVENT, event.key().in(app)));
    EventKey last = oldest.getLast().key();
    for (WebhookRecord.Builder webhook : webhooks.getWebhooksBuilderList()) {
      if (EventKey.passed(webhook).compareTo(last) < 0) {
        webhook.setPassedOffset(last.offset()).setPassedPart(last.part());
      }
    }
    webhooks.setLost(webhooks.getLost() + lost).setPending(webhooks.getPending() - oldest.size());
    own(app).removeIf(key -> key.compareTo(last) <= 0);
  }

  private static boolean isMissed(WebhooksRecord.Builder webhooks, Webhooks.Event event) {
    return webhooks.getWebhooksBuilderList().stream()
        .anyMatch(webhook ->
            EventKey.passed(webhook).compareTo(event.key()) < 0
                && Webhooks.wants(webhook.getSettings(), event.record()));
  }

  /// As many of the oldest events that this batch sees as are forgotten at once.
  private List<Webhooks.Event> oldest(int app) {
    List<Webhooks.Event> oldest = new ArrayList<>(FORGOTTEN_AT_ONCE);
    batch.scanCommitted(
        Table.EVENT,
        Key.bytes(app),
        Key.after(Key.bytes(app)),
        (key, value) -> {
          if (batch.get(Table.EVENT, key) != null) {
            oldest.add(Webhooks.event(key, value));
          }
          return oldest.size() < FORGOTTEN_AT_ONCE;
        });
    own(app).stream()
        .limit(FORGOTTEN_AT_ONCE - oldest.size())
        .map(key -> key.in(app))
        .map(row -> Webhooks.event(row, Objects.requireNonNull(batch.get(Table.EVENT, row), "put")))
        .forEach(oldest::add);
    return oldest;
  }

  private Set<EventKey> own(int app) {
    return own.computeIfAbsent(app, _ -> new LinkedHashSet<>());
  }

  private EventKey next(Stamp stamp) {
    if (stamp.offset() != offset) {
      offset = stamp.offset();
      parts = 0;
    }
    return new EventKey(offset, parts++);
  }
}
