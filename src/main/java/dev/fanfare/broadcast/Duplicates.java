package dev.fanfare.broadcast;

import dev.fanfare.journal.Allowance;
import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.DuplicateKey;
import dev.fanfare.schema.DuplicateRecord;
import dev.fanfare.schema.Limits;
import dev.fanfare.schema.PurgedRecord;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Recognises a send that repeats an accepted one. The windows are state: they survive restarts and
/// are judged by journal time. Owned by the applier's thread.
public final class Duplicates {
  private final Batch batch;

  public Duplicates(Batch batch) {
    this.batch = batch;
  }

  /// What the keys of a send say about it: a refusal, the broadcast that it repeats, or nothing.
  record Finding(Optional<Refusal> refusal, OptionalLong broadcast) {}

  Finding find(Stamp stamp, int app, List<DuplicateKey> keys) {
    for (DuplicateKey key : keys) {
      byte[] stored = batch.get(Table.DUPLICATE, key(app, key));
      if (stored != null) {
        DuplicateRecord found = BroadcastTables.duplicate(stored);
        if (found.getUntil() >= stamp.time()) {
          return found.getBody().equals(key.getBody())
              ? new Finding(Optional.empty(), OptionalLong.of(found.getBroadcast()))
              : new Finding(Optional.of(new Refusal.IdempotencyKeyReused()), OptionalLong.empty());
        }
      }
    }
    return new Finding(Optional.empty(), OptionalLong.empty());
  }

  /// Remembers an accepted send, whose number is its offset.
  void remember(Stamp stamp, int app, List<DuplicateKey> keys, Limits limits) {
    for (DuplicateKey key : keys) {
      remember(stamp, app, key, new Repeated(stamp.offset(), until(stamp, key, limits)));
    }
  }

  /// Remembers a call that was answered with an earlier broadcast, because of its body: its very
  /// bytes come again when the answer is lost, maybe after the window of the body.
  void rememberCall(Stamp stamp, int app, List<DuplicateKey> keys, long broadcast) {
    for (DuplicateKey key : keys) {
      if (key.getKind() == DuplicateKey.Kind.SIGNATURE) {
        remember(stamp, app, key, new Repeated(broadcast, key.getUntil()));
      }
    }
  }

  private record Repeated(long broadcast, long until) {}

  private void remember(Stamp stamp, int app, DuplicateKey key, Repeated repeated) {
    if (repeated.until() > stamp.time()) {
      DuplicateRecord kept =
          DuplicateRecord.newBuilder()
              .setBroadcast(repeated.broadcast())
              .setUntil(repeated.until())
              .setBody(key.getBody())
              .build();
      byte[] recordKey = key(app, key);
      batch.put(Table.DUPLICATE, recordKey, kept.toByteArray());
      batch.put(Table.DUPLICATE_END, endKey(repeated.until(), recordKey), new byte[0]);
    }
  }

  /// Until when some of the keys of a send are remembered, in journal time.
  static long until(Stamp stamp, List<DuplicateKey> keys, Limits limits) {
    return keys.stream().mapToLong(key -> until(stamp, key, limits)).max().orElse(0);
  }

  /// Removes records whose time is over. Visits committed records, so it needs a group that begins
  /// with it.
  public void purge(Stamp stamp, int app, PurgedRecord.Builder purged, Allowance allowance) {
    batch.scanCommitted(
        Table.DUPLICATE_END,
        Key.of(app).and(purged.getDuplicates()).toBytes(),
        Key.of(app).and(stamp.time()).toBytes(),
        (end, _) -> {
          if (allowance.isSpent()) {
            return false;
          }
          byte[] recordKey = recordKey(end);
          byte[] stored = batch.get(Table.DUPLICATE, recordKey);
          if (stored != null && BroadcastTables.duplicate(stored).getUntil() < stamp.time()) {
            batch.delete(Table.DUPLICATE, recordKey);
          }
          batch.delete(Table.DUPLICATE_END, end);
          purged.setDuplicates(ByteBuffer.wrap(end).getLong(Integer.BYTES));
          allowance.take(2);
          return true;
        });
  }

  /// The key of a record with the time at which it ends put in behind the app's number.
  private static byte[] endKey(long until, byte[] recordKey) {
    byte[] name = Arrays.copyOfRange(recordKey, Integer.BYTES, recordKey.length);
    return Key.of(ByteBuffer.wrap(recordKey).getInt()).and(until).and(name).toBytes();
  }

  private static byte[] recordKey(byte[] endKey) {
    byte[] name = Arrays.copyOfRange(endKey, Integer.BYTES + Long.BYTES, endKey.length);
    return Key.of(ByteBuffer.wrap(endKey).getInt()).and(name).toBytes();
  }

  private static long until(Stamp stamp, DuplicateKey key, Limits limits) {
    return switch (key.getKind()) {
      case SIGNATURE -> key.getUntil();
      case BODY -> stamp.time() + limits.getBodyWindowSeconds() * 1_000L;
      case IDEMPOTENCY -> stamp.time() + limits.getIdempotencySeconds() * 1_000L;
      case MSG_RANDOM -> stamp.time() + limits.getTencentWindowSeconds() * 1_000L;
      case KIND_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalStateException("a duplicate key of no known kind");
    };
  }

  private static byte[] key(int app, DuplicateKey key) {
    return Key.of(app)
        .and((byte) key.getKind().getNumber())
        .and(key.getKey().toByteArray())
        .toBytes();
  }
}
