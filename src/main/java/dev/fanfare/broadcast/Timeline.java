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

  private record Contents(
      ConcurrentMap<Integer, ConcurrentNavigableMap<Long, Notice>> notices,
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

  /// What happened to an app's broadcasts at `after < offset <= to`, oldest first. A view that
  /// follows later changes.
  public Collection<Notice> notices(int app, long after, long to) {
    NavigableMap<Long, Notice> all = contents.notices().get(app);
    return all == null || after >= to ? List.of() : all.subMap(after, false, to, true).values();
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
    byte[] liveKey = BroadcastTables.liveKey(record.getApp(), number);
    ConcurrentNavigableMap<Long, Notice> appNotices =
        into.notices().computeIfAbsent(record.getApp(), _ -> new ConcurrentSkipListMap<>());
    if (store.get(Table.LIVE, liveKey) == null) {
      into.broadcasts().remove(number);
      into.numbers().remove(new Id(record.getApp(), record.getId()));
      removeNotices(number, progress, appNotices);
      return;
    }
    into.numbers().put(new Id(record.getApp(), record.getId()), number);
    LiveBroadcast before = into.broadcasts().put(number, live(record, progress));
    int known = before == null ? 0 : before.nextSlice();
    addReleases(record, progress, known, appNotices);
    int slices = progress.getNextSlice();
    if (progress.getRecalledAt() > 0 && slices > 0) {
      int toRank = slice(number, slices - 1).getEnd() - record.getPivot();
      long offset = progress.getRecalledAt();
      appNotices.put(offset, new Notice.Withdrawal(offset, number, record.getPivot(), toRank));
    }
  }

  /// Looks for them where they are, because there may be very many others.
  private void removeNotices(
      long number, BroadcastProgress progress, NavigableMap<Long, Notice> appNotices) {
    for (int slice = 0; slice < progress.getNextSlice(); slice++) {
      appNotices.remove(slice(number, slice).getOffset());
    }
    appNotices.remove(progress.getRecalledAt());
  }

  private void addReleases(
      BroadcastRecord record,
      BroadcastProgress progress,
      int from,
      NavigableMap<Long, Notice> appNotices) {
    long number = record.getNumber();
    int start = from == 0 ? 0 : slice(number, from - 1).getEnd() - record.getPivot() + 1;
    for (int slice = from; slice < progress.getNextSlice(); slice++) {
      SliceRecord stored = slice(number, slice);
      boolean last =
          slice == progress.getNextSlice() - 1
              && progress.getReleased() == progress.getRecipients();
      int end = last ? -1 : stored.getEnd() - record.getPivot();
      appNotices.put(
          stored.getOffset(),
          new Notice.Release(
              stored.getOffset(), number, record.getPivot(), start, end, stored.getTime()));
      start = end + 1;
    }
  }

  private SliceRecord slice(long number, int slice) {
    byte[] stored = store.get(Table.SLICE, BroadcastTables.sliceKey(number, slice));
    if (stored == null) {
      throw new IllegalStateException("a released slice has no record");
    }
    return BroadcastTables.slice(stored);
  }

  private static LiveBroadcast live(BroadcastRecord record, BroadcastProgress progress) {
    boolean recalled = progress.getState() == BroadcastState.RECALLED;
    long withdrawn = recalled ? progress.getStateSince() : 0;
    return new LiveBroadcast(
        record.getNumber(),
        record.getApp(),
        record.getId(),
        record.getLifetimeSeconds(),
        progress.getState(),
        record.getStartAt(),
        progress.getExpires(),
        progress.getNextSlice(),
        progress.getNextDue(),
        withdrawn,
        Lifetime.lastRecall(progress),
        progress.getLive(),
        Lifetime.end(progress));
  }
}
