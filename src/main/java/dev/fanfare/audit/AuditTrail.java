package dev.fanfare.audit;

import dev.fanfare.app.AppCommands;
import dev.fanfare.schema.AppCounters;
import dev.fanfare.schema.AuditRecord;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.Table;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/// Reads the audit as last committed. Any thread.
public final class AuditTrail {
  /// The number under which the cell's own entries stand.
  public static final int CELL = AuditLog.CELL;

  private final Store store;

  public AuditTrail(Store store) {
    this.store = store;
  }

  /// Entries of some apps, newest first.
  ///
  /// @param apps their numbers, [#CELL] among them for what concerns the cell
  /// @param before only entries below this offset
  public List<AuditEntry> list(Collection<Integer> apps, long before, int most) {
    PriorityQueue<Reader> readers =
        new PriorityQueue<>(
            Comparator.comparingLong((Reader reader) -> reader.current().offset()).reversed());
    for (int app : apps) {
      Reader reader = new Reader(app, before);
      if (reader.entry.isPresent()) {
        readers.add(reader);
      }
    }
    List<AuditEntry> found = new ArrayList<>();
    while (found.size() < most && !readers.isEmpty()) {
      Reader newest = readers.remove();
      found.add(newest.current());
      if (newest.advance()) {
        readers.add(newest);
      }
    }
    return found;
  }

  /// Goes through one app's entries, newest first.
  private final class Reader {
    private final int app;
    private long number;
    private final long first;
    private Optional<AuditEntry> entry = Optional.empty();

    Reader(int app, long before) {
      this.app = app;
      AppCounters counters = counters(app);
      this.first = counters.getFirstAudit();
      this.number = firstAtOrAbove(before, counters);
      advance();
    }

    AuditEntry current() {
      return entry.orElseThrow();
    }

    boolean advance() {
      number--;
      entry = number < first ? Optional.empty() : read(app, number);
      return entry.isPresent();
    }

    /// Offsets rise with numbers, so a search by halves finds where to begin.
    private long firstAtOrAbove(long offset, AppCounters counters) {
      long low = counters.getFirstAudit();
      long high = counters.getNextAudit();
      while (low < high) {
        long middle = (low + high) >>> 1;
        boolean below = read(app, middle).map(found -> found.offset() < offset).orElse(true);
        low = below ? middle + 1 : low;
        high = below ? high : middle;
      }
      return low;
    }
  }

  private AppCounters counters(int app) {
    return AppCommands.parseCounters(store.get(Table.COUNTERS, Key.bytes(app)));
  }

  private Optional<AuditEntry> read(int app, long number) {
    byte[] stored = store.get(Table.AUDIT, AuditKeys.entry(app, number));
    return Optional.ofNullable(stored).map(bytes -> entry(app, AuditKeys.parse(bytes)));
  }

  private static AuditEntry entry(int app, AuditRecord stored) {
    return new AuditEntry(
        app,
        stored.getOffset(),
        stored.getTime(),
        stored.getActor(),
        stored.getAction(),
        stored.getTarget(),
        stored.getMembers(),
        stored.getLastTime());
  }
}
