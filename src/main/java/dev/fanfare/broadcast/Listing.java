package dev.fanfare.broadcast;

import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.roaringbitmap.RoaringBitmap;

/// Lists some of a broadcast's recipients in ascending order of ordinals, a page at a time. Any
/// thread.
public final class Listing {
  /// Chunks that one page looks at; each is at most 8 KB.
  static final int CHUNKS_PER_PAGE = 1_000;

  private final Store store;
  private final long broadcast;
  private final RecipientStatus status;

  Listing(Store store, long broadcast, RecipientStatus status) {
    this.store = store;
    this.broadcast = broadcast;
    this.status = status;
  }

  /// One page.
  ///
  /// @param ordinals unsigned, ascending
  /// @param next where the next page begins, -1 when there is none
  public record Page(List<Integer> ordinals, long next) {
    public Page {
      ordinals = List.copyOf(ordinals);
    }
  }

  /// The first so many from an ordinal on. May be fewer although more follow.
  ///
  /// @param from unsigned 32 bits
  public Page page(long from, int limit) {
    RecipientSet set = source();
    List<Integer> found = new ArrayList<>();
    long[] next = {-1};
    int[] left = {CHUNKS_PER_PAGE};
    byte[] end = Key.after(set.prefix(broadcast));
    store.scan(
        Table.CHUNK,
        set.key(broadcast, (int) (from >>> 16)),
        end,
        (key, value) -> {
          int chunk = ByteBuffer.wrap(key).getInt(key.length - Integer.BYTES);
          long base = Integer.toUnsignedLong(chunk) << 16;
          if (left[0]-- == 0) {
            next[0] = base;
            return false;
          }
          RoaringBitmap members = BitmapBytes.parse(value);
          if (status == RecipientStatus.UNREACHED) {
            byte[] reached = store.get(Table.CHUNK, RecipientSet.REACHED.key(broadcast, chunk));
            members.andNot(BitmapBytes.parse(reached));
          }
          next[0] = take(members, base, Math.max(from, base), new Taken(found, limit));
          return next[0] < 0;
        });
    return new Page(found, next[0]);
  }

  private record Taken(List<Integer> found, int limit) {}

  /// Takes members of one chunk; the ordinal at which the page was full, or -1.
  private static long take(RoaringBitmap members, long base, long from, Taken taken) {
    var ordinals = members.getIntIterator();
    ordinals.advanceIfNeeded((int) (from - base));
    while (ordinals.hasNext()) {
      long ordinal = base + ordinals.next();
      if (taken.found().size() == taken.limit()) {
        return ordinal;
      }
      taken.found().add((int) ordinal);
    }
    return -1;
  }

  private RecipientSet source() {
    return switch (status) {
      case ALL, UNREACHED -> RecipientSet.RECIPIENTS;
      case REACHED -> RecipientSet.REACHED;
      case DELIVERED -> RecipientSet.DELIVERED;
      case READ -> RecipientSet.READ;
    };
  }
}
