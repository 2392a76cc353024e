package dev.fanfare.broadcast;

import dev.fanfare.app.SigningKey;
import dev.fanfare.member.ConnectionId;
import dev.fanfare.schema.BroadcastProgress;
import dev.fanfare.schema.BroadcastRecord;
import dev.fanfare.schema.BroadcastState;
import dev.fanfare.schema.SliceRecord;
import dev.fanfare.store.Key;
import dev.fanfare.store.Store;
import dev.fanfare.store.Table;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// The releases and withdrawals of all live broadcasts, by app and in journal order: what live
/// delivery and catch-up both read.
///
/// The applier's thread writes, after the commit; any thread reads. Whoever reads up to [#head]
/// sees everything at or below it, because the head moves last.
public final class Timeline {
  private final Store store;
  private final ConcurrentNavigableMap<Long, List<Removal>> removals =
      new ConcurrentSkipListMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final AtomicLong rebuilds = new AtomicLong();
  private volatile Contents contents = new Contents();
  private volatile long head;

  /// Something that ends sessions.
  public sealed interface Removal {
    int app();

    /// A member was removed, or its credentials were revoked: its sessions whose credentials are
    /// from this second since the epoch or from before end. After a removal that is all of them.
    record OfMember(int app, int ordinal, long notBefore) implements Removal {}

    /// An app lost keys or was disabled: the sessions end whose credentials none of these signed.
    record OfKeys(int app, Set<SigningKey> left) implements Removal {
      public OfKeys {
        left = Set.copyOf(left);
      }
    }

    /// Somebody ended a connection; its device may come back.
    record OfConnection(int app, ConnectionId connection) implements Removal {}
  }

  private record Id(int app, String id) {}

  /// @param notices by app
  private record Contents(
      ConcurrentMap<Integer, NoticeIndex> notices,
      ConcurrentMap<Long, LiveBroadcast> broadcasts,
      ConcurrentMap<Id, Long> numbers) {
    Contents() {
      this(new ConcurrentHashMap<>(), new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
    }
  }

  public Timeline(Store store) {
    this.store = store;
  }

  /// The offset up to which everything is shown.
  public long head() {
    return head;
  }

  /// What happened to an app's broadcasts at `after < offset <= to`, oldest first.
  public Iterable<Notice> notices(int app, long after, long to) {
    NoticeIndex notices = contents.notices().get(app);
    return notices == null ? List.of() : () -> notices.all(after, to);
  }

  /// What of that concerns an ordinal, given that it is a recipient of all broadcasts.
  public Iterable<Notice> notices(int app, long after, long to, int ordinal) {
    NoticeIndex notices = contents.notices().get(app);
    return notices == null ? List.of() : () -> notices.of(ordinal, after, to);
  }

  /// All notices of each of an app's broadcasts that may have one at `after < offset <= to`, in the
  /// order of their first ones as far as these lie there too. A broadcast may be met twice.
  public List<Notices> noticesByBroadcast(int app, long after, long to) {
    NoticeIndex notices = contents.notices().get(app);
    return notices == null ? List.of() : notices.byBroadcast(after, to);
  }

  /// A broadcast of the timeline.
  public Optional<LiveBroadcast> broadcast(long number) {
    return Optional.ofNullable(contents.broadcasts().get(number));
  }

  /// A broadcast of the timeline by its id.
  public Optional<LiveBroadcast> byId(int app, String id) {
    Long number = contents.numbers().get(new Id(app, id));
    return number == null ? Optional.empty() : broadcast(number);
  }

  public Collection<LiveBroadcast> broadcasts() {
    return contents.broadcasts().values();
  }

  /// What ended sessions at `after < offset <= to`, with the offset of each, oldest first.
  public NavigableMap<Long, List<Removal>> removals(long after, long to) {
    return after >= to ? new ConcurrentSkipListMap<>() : removals.subMap(after, false, to, true);
  }

  /// Forgets removals that everyone has seen.
  public void forgetRemovals(long upTo) {
    removals.headMap(upTo, true).clear();
  }

  /// Has a listener called after each commit and rebuild, on the applier's thread; it must not
  /// block. Removals are kept from now on, until [#forgetRemovals]: before there is no session that
  /// they could end.
  public void listen(Runnable listener) {
    listeners.add(listener);
  }

  /// How often everything was read from the store. Whoever sees this rise knows that removals up to
  /// the head may be missing here, because only commits that were shown bring them.
  public long rebuilds() {
    return rebuilds.get();
  }

  /// Reads everything from the store, beside what readers see until then. The head goes to
  /// `applied`.
  public void rebuild(long applied) {
    Contents read = new Contents();
    store.scan(
        Table.LIVE,
        Key.bytes(0),
        null,
        (key, _) -> {
          refresh(read, ByteBuffer.wrap(key).getLong(Integer.BYTES));
          return true;
        });
    contents = read;
    rebuilds.incrementAndGet();
    head = applied;
    listeners.forEach(Runnable::run);
  }

  /// Shows a commit: the broadcasts that it touched, the sessions that it ends.
  public void show(
      Collection<Long> touched, NavigableMap<Long, List<Removal>> removed, long applied) {
    touched.forEach(number -> refresh(contents, number));
    if (!listeners.isEmpty()) {
      removals.putAll(removed);
    }
    head = applied;
    listeners.forEach(Runnable::run);
  }

  private void refresh(Contents into, long number) {
    BroadcastRecord record =
        BroadcastTables.broadcast(store.get(Table.BROADCAST, Key.bytes(number)));
    if (record == null) {
      throw new IllegalStateException("a live broadcast has no record");
    }
    BroadcastProgress progress =
        BroadcastTables.progress(store.get(Table.PROGRESS, Key.bytes(number)));
    NoticeIndex index = into.notices().computeIfAbsent(record.getApp(), _ -> new NoticeIndex());
    Id id = new Id(record.getApp(), record.getId());
    if (store.get(Table.LIVE, BroadcastTables.liveKey(record.getApp(), number)) == null) {
      into.numbers().remove(id);
      LiveBroadcast left = into.broadcasts().remove(number);
      if (left != null) {
        index.remove(left.notices());
      }
      return;
    }
    into.numbers().put(id, number);
    LiveBroadcast before = into.broadcasts().get(number);
    Notices known = before == null ? Notices.none(number, record.getPivot()) : before.notices();
    Notices notices = read(known, record, progress);
    into.broadcasts().put(number, live(record, progress, notices));
    if (notices.last() != known.last()) {
      index.put(known, notices);
    }
  }

  /// What is known, and what came since.
  private Notices read(Notices known, BroadcastRecord record, BroadcastProgress progress) {
    Notices released =
        known.slices() == progress.getNextSlice() ? known : readReleases(known, record, progress);
    boolean withdrawn = progress.getRecalledAt() > 0 && released.slices() > 0;
    return withdrawn ? released.withdrawn(progress.getRecalledAt()) : released;
  }

  private Notices readReleases(Notices known, BroadcastRecord record, BroadcastProgress progress) {
    long number = record.getNumber();
    boolean all = progress.getReleased() == progress.getRecipients();
    AtomicReference<Notices> read = new AtomicReference<>(known);
    store.scan(
        Table.SLICE,
        BroadcastTables.sliceKey(number, known.slices()),
        BroadcastTables.sliceKey(number, progress.getNextSlice()),
        (_, stored) -> {
          SliceRecord slice = BroadcastTables.slice(stored);
          boolean last = all && read.get().slices() == progress.getNextSlice() - 1;
          int toRank = last ? -1 : slice.getEnd() - record.getPivot();
          read.set(read.get().and(slice.getOffset(), toRank, slice.getTime()));
          return true;
        });
    if (read.get().slices() != progress.getNextSlice()) {
      throw new IllegalStateException("a released slice has no record");
    }
    return read.get();
  }

  private static LiveBroadcast live(
      BroadcastRecord record, BroadcastProgress progress, Notices notices) {
    boolean recalled = progress.getState() == BroadcastState.RECALLED;
    long withdrawn = recalled ? progress.getStateSince() : 0;
    return new LiveBroadcast(
        record.getNumber(),
        record.getApp(),
        record.getId(),
        notices,
        record.getLifetimeSeconds(),
        progress.getState(),
        record.getStartAt(),
        progress.getExpires(),
        progress.getNextDue(),
        withdrawn,
        Lifetime.lastRecall(progress),
        progress.getLive(),
        Lifetime.end(progress));
  }
}
