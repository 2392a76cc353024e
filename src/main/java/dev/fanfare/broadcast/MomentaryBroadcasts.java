package dev.fanfare.broadcast;

import dev.fanfare.store.Batch;
import dev.fanfare.store.Key;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Bounds how many broadcasts of lifetime 0 an app has in its timeline, because they do not count
/// as live: each takes a place in a ring, and the one that had it before, 100,000 starts ago,
/// leaves. Owned by the applier's thread.
final class MomentaryBroadcasts {
  static final int KEPT = 100_000;

  private final Batch batch;

  MomentaryBroadcasts(Batch batch) {
    this.batch = batch;
  }

  /// Takes in one that starts. The number of the one that had its place, if any did.
  OptionalLong add(int app, long number) {
    byte[] startedKey = Key.bytes(app);
    long started = number(batch.get(Table.MOMENTARY, startedKey)).orElse(0);
    byte[] place = Key.of(app).and((int) (started % KEPT)).toBytes();
    OptionalLong before = number(batch.get(Table.MOMENTARY, place));
    batch.put(Table.MOMENTARY, startedKey, Key.bytes(started + 1));
    batch.put(Table.MOMENTARY, place, Key.bytes(number));
    return before;
  }

  private static OptionalLong number(byte @Nullable [] stored) {
    return stored == null
        ? OptionalLong.empty()
        : OptionalLong.of(ByteBuffer.wrap(stored).getLong());
  }
}
