package dev.fanfare.broadcast;

import dev.fanfare.journal.Refusal;
import dev.fanfare.journal.Stamp;
import dev.fanfare.schema.DuplicateKey;
import dev.fanfare.schema.DuplicateRecord;
import dev.fanfare.schema.Limits;
import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Table;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Recognises a send that repeats an accepted one. The windows are state: they survive restarts and
/// are judged by journal time.
///
/// Each new record pays for the removal of some that have ended, so the table stays in proportion
/// to what its windows hold.
final class Duplicates {
  private static final int REMOVALS_PER_SEND = 8;

  private final Batch batch;

  Duplicates(Batch batch) {
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
      long until = until(stamp, key, limits);
      if (until > stamp.time()) {
        DuplicateRecord kept =
            DuplicateRecord.newBuilder()
                .setBroadcast(stamp.offset())
                .setUntil(until)
                .setBody(key.getBody())
                .build();
        byte[] recordKey = key(app, key);
        batch.put(Table.DUPLICATE, recordKey, kept.toByteArray());
        batch.put(Table.DUPLICATE_END, Key.of(until).and(recordKey).toBytes(), new byte[0]);
      }
    }
    removeEnded(stamp);
  }

  private void removeEnded(Stamp stamp) {
    int[] left = {REMOVALS_PER_SEND};
    batch.scanCommitted(
        Table.DUPLICATE_END,
        Key.bytes(0L),
        Key.bytes(stamp.time()),
        (end, _) -> {
          byte[] recordKey = Arrays.copyOfRange(end, 8, end.length);
          byte[] stored = batch.get(Table.DUPLICATE, recordKey);
          if (stored != null && BroadcastTables.duplicate(stored).getUntil() < stamp.time()) {
            batch.delete(Table.DUPLICATE, recordKey);
          }
          batch.delete(Table.DUPLICATE_END, end);
          return --left[0] > 0;
        });
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
