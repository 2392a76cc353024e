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
import dev.fanfare.schema.WebhooksRecord;
import dev.fanfare.store.Batch;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.Key;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;
import org.roaringbitmap.RoaringBitmap;

/// Keeps events for the webhooks that want them, in one group's batch. Owned by the applier's
/// thread.
public final class Events implements BroadcastEvents {
  /// Events that an app may have pending. One that comes when there are so many is lost, and
  /// counted.
  static final int MOST_PENDING = 100_000;

  private final Batch batch;
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
    WebhooksRecord webhooks = Webhooks.of(batch.get(Table.WEBHOOK, Key.bytes(app)));
    WebhooksRecord.Builder changed = webhooks.toBuilder();
    if (webhooks.getPending() >= MOST_PENDING) {
      changed.setLost(webhooks.getLost() + 1);
    } else {
      changed.setPending(webhooks.getPending() + 1);
      EventRecord kept = event.setBroadcast(broadcast.getNumber()).setTime(stamp.time()).build();
      batch.put(Table.EVENT, next(stamp).in(app), kept.toByteArray());
    }
    batch.put(Table.WEBHOOK, Key.bytes(app), changed.build().toByteArray());
  }

  private EventKey next(Stamp stamp) {
    if (stamp.offset() != offset) {
      offset = stamp.offset();
      parts = 0;
    }
    return new EventKey(offset, parts++);
  }
}
