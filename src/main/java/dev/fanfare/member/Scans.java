package dev.fanfare.member;

import dev.fanfare.app.App;
import dev.fanfare.schema.ScanRecord;
import dev.fanfare.store.BitmapBytes;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.roaringbitmap.PeekableIntIterator;
import org.roaringbitmap.RoaringBitmap;

/// Reads the pages of scans as last committed. Any thread.
public final class Scans {
  private final Store store;
  private final Members members;

  public Scans(Store store, Members members) {
    this.store = store;
    this.members = members;
  }

  /// A scan that can be read.
  ///
  /// @param offset of the entry that froze it
  /// @param matched how many members it froze
  /// @param running whether it was not yet read to the end
  public record Scan(long id, long offset, int matched, boolean running) {}

  /// Some members in order of ordinal, and where to go on.
  ///
  /// @param next ordinal at which the next page begins, unsigned; empty after the last page
  public record Page(List<Member> members, Optional<Integer> next) {}

  /// A scan of an app whose time is not over.
  ///
  /// @param now the node's clock, milliseconds since the epoch
  public Optional<Scan> find(App app, long id, long now) {
    byte[] stored = store.get(Table.SCAN, ScanCommands.key(app.number(), id));
    if (stored == null) {
      return Optional.empty();
    }
    ScanRecord record = ScanCommands.parse(stored);
    return record.getExpires() <= now
        ? Optional.empty()
        : Optional.of(new Scan(id, record.getOffset(), record.getMembers(), !record.getFinished()));
  }

  /// The page that begins at an ordinal: members as they are now, without those who left.
  public Page page(App app, long scan, int from, int most) {
    FrozenMembers frozen = new FrozenMembers(app.number(), scan);
    Reader reader = new Reader(app, from, most);
    store.scan(
        Table.FROZEN,
        frozen.key(from >>> 16),
        frozen.end(),
        (key, value) -> reader.read(FrozenMembers.chunk(key), BitmapBytes.parse(value)));
    return new Page(reader.found, reader.next);
  }

  /// The members with these ordinals who are registered, as they are now.
  public List<Member> members(App app, RoaringBitmap ordinals) {
    List<Member> found = new ArrayList<>();
    ordinals.forEach((int ordinal) -> members.at(app, ordinal).ifPresent(found::add));
    return found;
  }

  private final class Reader {
    private final App app;
    private final int from;
    private final int most;
    private final List<Member> found = new ArrayList<>();
    private Optional<Integer> next = Optional.empty();

    Reader(App app, int from, int most) {
      this.app = app;
      this.from = from;
      this.most = most;
    }

    /// Reads on in one chunk; false when the page is full.
    boolean read(int number, RoaringBitmap chunk) {
      chunk.andNot(
          BitmapBytes.parse(store.get(Table.REMOVED, Key.of(app.number()).and(number).toBytes())));
      PeekableIntIterator bits = chunk.getIntIterator();
      if (number == from >>> 16) {
        bits.advanceIfNeeded(from & 0xFFFF);
      }
      while (bits.hasNext()) {
        int ordinal = number << 16 | bits.next();
        if (found.size() == most) {
          next = Optional.of(ordinal);
          return false;
        }
        members.at(app, ordinal).ifPresent(found::add);
      }
      return true;
    }
  }
}
