package dev.fanfare.broadcast;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The notices of one app's broadcasts, found by their offsets.
///
/// Most broadcasts have one notice, and a broadcast's first one stays where it is. Those that have
/// several are found by the last of them as well, and move up with every further one. One that
/// moves is at both places until the next change, so that whoever reads on from below meets it;
/// what is met twice is told once.
///
/// One thread writes; any thread reads. A read takes time for the broadcasts with several notices
/// of which the last lies behind its begin, and for the notices that are taken from it.
final class NoticeIndex {
  private static final Comparator<Notice> BY_OFFSET = Comparator.comparingLong(Notice::offset);

  private final ConcurrentNavigableMap<Long, Notices> byFirst = new ConcurrentSkipListMap<>();
  private final ConcurrentNavigableMap<Long, Notices> severalByLast = new ConcurrentSkipListMap<>();

  /// Where the broadcast that moved last was before.
  private long left;

  /// Takes in what a broadcast has now, at least one notice.
  void put(Notices before, Notices now) {
    severalByLast.remove(left);
    byFirst.put(now.first(), now);
    if (now.first() < now.last()) {
      severalByLast.put(now.last(), now);
      left = before.last();
    }
  }

  void remove(Notices notices) {
    severalByLast.remove(left);
    byFirst.remove(notices.first());
    severalByLast.remove(notices.last());
  }

  /// All notices at `after < offset <= to`, oldest first.
  Iterator<Notice> all(long after, long to) {
    return new Merged(byFirst(after, to), _ -> true, new Further(after, to));
  }

  /// Those that concern an ordinal, given that it is a recipient of all broadcasts.
  Iterator<Notice> of(int ordinal, long after, long to) {
    List<Notice> further = new ArrayList<>();
    for (Notices notices : severalByLast.tailMap(after, false).values()) {
      notices.addTo(further, ordinal, Math.max(after, notices.first()), to);
    }
    further.sort(BY_OFFSET);
    return new Merged(byFirst(after, to), notice -> notice.covers(ordinal), further.iterator());
  }

  /// All notices of each broadcast that may have one at `after < offset <= to`, in the order of
  /// their first ones as far as these lie there too. A broadcast may be met twice.
  List<Notices> byBroadcast(long after, long to) {
    List<Notices> found = new ArrayList<>(severalByLast.tailMap(after, false).values());
    found.removeIf(notices -> notices.first() > after);
    found.addAll(byFirst(after, to));
    return found;
  }

  private Collection<Notices> byFirst(long after, long to) {
    return after < to ? byFirst.subMap(after, false, to, true).values() : List.of();
  }

  /// First notices and further ones, oldest first.
  private static final class Merged implements Iterator<Notice> {
    private final Iterator<Notices> firsts;
    private final Predicate<Notice> wanted;
    private final Iterator<Notice> further;
    private @Nullable Notice nextFirst;
    private @Nullable Notice nextFurther;

    /// @param wanted of the first ones
    /// @param further may name one several times in a row
    Merged(Collection<Notices> firsts, Predicate<Notice> wanted, Iterator<Notice> further) {
      this.firsts = firsts.iterator();
      this.wanted = wanted;
      this.further = further;
      this.nextFirst = first();
      this.nextFurther = further(0);
    }

    private @Nullable Notice first() {
      while (firsts.hasNext()) {
        Notice notice = firsts.next().slice(0);
        if (wanted.test(notice)) {
          return notice;
        }
      }
      return null;
    }

    private @Nullable Notice further(long after) {
      while (further.hasNext()) {
        Notice notice = further.next();
        if (notice.offset() > after) {
          return notice;
        }
      }
      return null;
    }

    @Override
    public boolean hasNext() {
      return nextFirst != null || nextFurther != null;
    }

    @Override
    public Notice next() {
      Notice first = nextFirst;
      Notice other = nextFurther;
      if (other == null || (first != null && first.offset() < other.offset())) {
        nextFirst = first();
        return Objects.requireNonNull(first);
      }
      nextFurther = further(other.offset());
      return other;
    }
  }

  /// The notices but the first of broadcasts that have several, oldest first.
  private final class Further implements Iterator<Notice> {
    private final PriorityQueue<Next> nexts =
        new PriorityQueue<>(Comparator.comparing(Next::notice, BY_OFFSET));
    private final long to;

    private record Next(Notice notice, Notices of) {}

    Further(long after, long to) {
      this.to = to;
      severalByLast
          .tailMap(after, false)
          .values()
          .forEach(notices -> add(notices, Math.max(after, notices.first())));
    }

    private void add(Notices notices, long after) {
      Notice next = notices.next(after);
      if (next != null && next.offset() <= to) {
        nexts.add(new Next(next, notices));
      }
    }

    @Override
    public boolean hasNext() {
      return !nexts.isEmpty();
    }

    @Override
    public Notice next() {
      Next next = nexts.remove();
      add(next.of, next.notice.offset());
      return next.notice;
    }
  }
}
