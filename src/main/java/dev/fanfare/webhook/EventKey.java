package dev.fanfare.webhook;

import dev.fanfare.schema.WebhookRecordOrBuilder;
import dev.fanfare.store.Key;
import java.nio.ByteBuffer;
import java.util.Comparator;

/// Where an event stands in the journal: the entry, and which of that entry's events it is.
record EventKey(long offset, int part) implements Comparable<EventKey> {
  private static final Comparator<EventKey> ORDER =
      Comparator.comparingLong(EventKey::offset).thenComparingInt(EventKey::part);

  /// The last event that a webhook has had or given up.
  static EventKey passed(WebhookRecordOrBuilder webhook) {
    return new EventKey(webhook.getPassedOffset(), webhook.getPassedPart());
  }

  /// Reads the key of a row.
  static EventKey of(byte[] key) {
    ByteBuffer bytes = ByteBuffer.wrap(key);
    return new EventKey(bytes.getLong(Integer.BYTES), bytes.getInt(Integer.BYTES + Long.BYTES));
  }

  byte[] in(int app) {
    return Key.of(app).and(offset).and(part).toBytes();
  }

  /// The least key after this one.
  EventKey next() {
    return new EventKey(offset, part + 1);
  }

  @Override
  public int compareTo(EventKey other) {
    return ORDER.compare(this, other);
  }
}
