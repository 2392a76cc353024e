package dev.fanfare.broadcast;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.fanfare.app.AppCommands;
import dev.fanfare.schema.BroadcastProgress;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.CounterPoint;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.roaringbitmap.RoaringBitmap;

/// Reads broadcasts and their sets as last committed. Any thread.
public final class Broadcasts {
  private static final long CACHED_BYTES = 64L << 20;
  private static final int ENTRY_BYTES = 200;

  private final Store store;
  private final Cache<ChunkKey, RoaringBitmap> recipients =
      Caffeine.newBuilder()
          .maximumWeight(CACHED_BYTES)
          .weigher((ChunkKey _, RoaringBitmap chunk) -> ENTRY_BYTES + chunk.getSizeInBytes())
          .build();

  private record ChunkKey(long broadcast, int chunk) {}

  public Broadcasts(Store store) {
    this.store = store;
  }

  /// Where the releases of a new broadcast begin: at any ordinal that the app has given, each as
  /// likely, so that a pace favours no member. Drawn for every broadcast, because a pace can come
  /// later.
  public int pivot(int app, RandomGenerator random) {
    byte[] counters = store.get(Table.COUNTERS, Key.bytes(app));
    long given = Integer.toUnsignedLong(AppCommands.parseCounters(counters).getNextOrdinal());
    return given == 0 ? 0 : (int) random.nextLong(given);
  }

  /// A broadcast by its id.
  public Optional<Broadcast> find(int app, String id) {
    byte[] number = store.get(Table.BROADCAST_ID, BroadcastTables.idKey(app, id));
    return number == null ? Optional.empty() : find(ByteBuffer.wrap(number).getLong());
  }

  /// A broadcast by its number.
  public Optional<Broadcast> find(long number) {
    BroadcastRecord record =
        BroadcastTables.broadcast(store.get(Table.BROADCAST, Key.bytes(number)));
    byte[] progress = store.get(Table.PROGRESS, Key.bytes(number));
    return record == null || progress == null
        ? Optional.empty()
        : Optional.of(broadcast(record, BroadcastTables.progress(progress)));
  }

  /// The recipients of a broadcast in one chunk of 65,536 ordinals, as low 16 bits. Shared: not to
  /// be changed. Cached in at most 64 MB, because once there they are frozen; what is empty is not
  /// cached, because a scheduled broadcast has no recipients yet.
  public RoaringBitmap recipients(long broadcast, int chunk) {
    ChunkKey key = new ChunkKey(broadcast, chunk);
    RoaringBitmap members = recipients.getIfPresent(key);
    if (members == null) {
      members = read(RecipientSet.RECIPIENTS, broadcast, chunk);
      if (!members.isEmpty()) {
        recipients.put(key, members);
      }
    }
    return members;
  }

  public boolean isRecipient(long broadcast, int ordinal) {
    return recipients(broadcast, ordinal >>> 16).contains(ordinal & 0xFFFF);
  }

  /// Those in one chunk of 65,536 ordinals of whom some device has acknowledged the broadcast, as
  /// far as that was journaled, as low 16 bits.
  public RoaringBitmap delivered(long broadcast, int chunk) {
    return read(RecipientSet.DELIVERED, broadcast, chunk);
  }

  /// Whether a member is one of those.
  public boolean isDelivered(long broadcast, int ordinal) {
    return delivered(broadcast, ordinal >>> 16).contains(ordinal & 0xFFFF);
  }

  /// The broadcasts of an app that are older than this number, newest first, until the visitor says
  /// stop.
  ///
  /// @param before [Long#MAX_VALUE] to begin with the newest
  public void newest(int app, long before, Predicate<Broadcast> visitor) {
    store.scan(
        Table.NEWEST,
        Key.after(BroadcastTables.newestKey(app, before)),
        Key.after(Key.bytes(app)),
        (key, _) -> find(BroadcastTables.newest(key)).map(visitor::test).orElse(true));
  }

  /// How the counters grew, oldest point first; the last one is what they are now. A point that is
  /// thinned out or removed meanwhile is left out.
  public List<Point> growth(long number) {
    List<Point> points = new ArrayList<>();
    byte[] now = store.get(Table.PROGRESS, Key.bytes(number));
    if (now == null) {
      return points;
    }
    BroadcastProgress progress = BroadcastTables.progress(now);
    for (int index = 0; index < progress.getPoints(); index++) {
      byte[] stored = store.get(Table.POINT, BroadcastTables.pointKey(number, index));
      if (stored != null) {
        CounterPoint point = BroadcastTables.point(stored);
        points.add(new Point(point.getTime(), counters(progress.getRecipients(), point)));
      }
    }
    if (progress.getCounted() > progress.getLastPoint()) {
      points.add(new Point(progress.getCounted(), counters(progress)));
    }
    return points;
  }

  /// The counters at a moment.
  ///
  /// @param time journal time in milliseconds
  public record Point(long time, Broadcast.Counters counters) {}

  /// Where one recipient, or who is none, stands with a broadcast that was started.
  public Standing standing(long number, int ordinal) {
    return new StandingReader(store, number).read(ordinal);
  }

  /// Recipients of a broadcast in ascending order of ordinals, chunk by chunk.
  public Listing listing(long number, RecipientStatus status) {
    return new Listing(store, number, status);
  }

  /// Of how many slices the unreached recipients are fixed.
  public int unreachedFixed(long broadcast) {
    byte[] stored = store.get(Table.PROGRESS, Key.bytes(broadcast));
    return stored == null ? 0 : BroadcastTables.progress(stored).getUnreachedSlice();
  }

  private RoaringBitmap read(RecipientSet set, long broadcast, int chunk) {
    return BitmapBytes.parse(store.get(Table.CHUNK, set.key(broadcast, chunk)));
  }

  private static Broadcast.Counters counters(int recipients, CounterPoint point) {
    return new Broadcast.Counters(
        recipients, point.getReleased(), point.getReached(), point.getDelivered(), point.getRead());
  }

  private static Broadcast.Counters counters(BroadcastProgress progress) {
    return new Broadcast.Counters(
        progress.getRecipients(),
        progress.getReleased(),
        progress.getReached(),
        progress.getDelivered(),
        progress.getRead());
  }

  private static Broadcast broadcast(BroadcastRecord record, BroadcastProgress progress) {
    return new Broadcast(
        record.getNumber(),
        record.getApp(),
        record.getId(),
        record.getMessageNumber(),
        progress.getState(),
        record.getFormat(),
        record.getSender(),
        record.getAudience(),
        record.getMessage().toByteArray(),
        record.getLifetimeSeconds(),
        record.getCreated(),
        record.getStartAt(),
        progress.getStarted(),
        progress.getExpires(),
        progress.getPace(),
        counters(progress),
        progress.getStartOffset(),
        progress.getStateSince(),
        progress.getReceiptsPurged(),
        record.getAttributeNamesList());
  }
}
