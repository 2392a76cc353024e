package dev.fanfare.journal.embedded;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.journal.Rounds;
import dev.fanfare.schema.Entry;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.StoreException;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.LongSupplier;

/// Removes old entries of the embedded journal, about once a minute. The state has what followed
/// from them; they are kept for whoever wants to look at or repeat the last days.
///
/// No command, because the entries are the engine's and no part of the state. One thread.
public final class JournalTrim implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final Store store;
  private final LongSupplier time;
  private final Duration kept;
  private final Rounds rounds;
  private long oldest;

  /// @param time journal time, milliseconds since the epoch
  public JournalTrim(Store store, LongSupplier time, Duration kept) {
    this.store = store;
    this.time = time;
    this.kept = kept;
    this.rounds = new Rounds("journal-trim", INTERVAL, this::trim);
  }

  private void trim() {
    oldest = trim(store, oldest, time.getAsLong() - kept.toMillis());
  }

  /// Removes the entries from before a time. Returns the offset of the oldest one that is left.
  ///
  /// @param from no entry below this offset is left
  static long trim(Store store, long from, long before) {
    long low = first(store, from);
    long least = low;
    long high = low;
    long step = 1;
    while (isOlder(store, high, before)) {
      low = high + 1;
      high += step;
      step *= 2;
    }
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (isOlder(store, middle, before)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low > least) {
      Batch batch = new Batch(store);
      batch.deleteRange(Table.JOURNAL, Key.bytes(least), Key.bytes(low));
      store.write(batch);
    }
    return low;
  }

  private static long first(Store store, long from) {
    long[] first = {from};
    store.scan(
        Table.JOURNAL,
        Key.bytes(from),
        null,
        (key, _) -> {
          first[0] = ByteBuffer.wrap(key).getLong();
          return false;
        });
    return first[0];
  }

  /// False also past the end.
  private static boolean isOlder(Store store, long offset, long before) {
    byte[] stored = store.get(Table.JOURNAL, Key.bytes(offset));
    try {
      return stored != null && Entry.parseFrom(stored).getTime() < before;
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException("a journal entry is damaged", e);
    }
  }

  @Override
  public void close() {
    rounds.close();
  }
}
