package dev.fanfare.gateway;

import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.broadcast.Due;
import dev.fanfare.broadcast.Notice;
import dev.fanfare.broadcast.Timeline;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// The sessions of one event loop, and the head that those who have everything share.
///
/// When the timeline's head moves, a **pass** intersects the recipients of each new notice with the
/// members at head, as they were when the pass began, writes to each of them what is due in one go,
/// and only then moves the shard's head. So a broadcast costs its recipients and nobody else. A
/// pass yields after 256 writes, and never spans the removal of a member: the removed one's
/// sessions are closed before any later release.
///
/// Sessions that are behind catch up from their own cursor, never past the shard's head. They join
/// between passes, when their cursor equals the head. One whose channel is full in mid-pass falls
/// behind, with the last offset wholly handed to its channel as its cursor.
///
/// Everything but [#wake] and [#head] belongs to the shard's own thread.
final class Shard {
  static final int MAX_DEVICES = 8;
  static final long SLOW_SECONDS = 30;
  private static final int WRITES_PER_TURN = 256;

  private final ScheduledExecutorService loop;
  private final Executor readers;
  private final Delivering delivering;
  private final LongSupplier nanoTime;
  private final Map<Integer, AppSessions> apps = new HashMap<>();
  private final Queue<Pass> passes = new ArrayDeque<>();
  private final Set<Session> waiting = new LinkedHashSet<>();
  private final AtomicBoolean woken = new AtomicBoolean();
  private Receipts receipts = new Receipts();
  private volatile long head;
  private long target;

  /// What shards share.
  ///
  /// @param registered whether a login's member is still the one that logged in
  record Delivering(
      Timeline timeline,
      Broadcasts broadcasts,
      Due due,
      Frames frames,
      CatchUp catchUp,
      Predicate<Session.Login> registered) {}

  /// @param readers runs what may wait for the disk
  Shard(
      ScheduledExecutorService loop,
      Executor readers,
      Delivering delivering,
      LongSupplier nanoTime) {
    this.loop = loop;
    this.readers = readers;
    this.delivering = delivering;
    this.nanoTime = nanoTime;
    this.head = delivering.timeline().head();
    this.target = head;
  }

  /// The offset up to which everyone at head was told everything. Any thread.
  long head() {
    return head;
  }

  /// Looks at the timeline soon. Any thread.
  void wake() {
    if (woken.compareAndSet(false, true)) {
      loop.execute(() -> {
        woken.set(false);
        advance();
      });
    }
  }

  /// What devices reported since this was last asked; the caller takes it over.
  Receipts takeReceipts() {
    Receipts taken = receipts;
    receipts = new Receipts();
    return taken;
  }

  Receipts receipts() {
    return receipts;
  }

  /// Takes in a session whose handshake is complete and tells it where it starts.
  void open(Session session, Session.Start start, long time) {
    Session.Login login = session.login();
    AppSessions sessions = apps.computeIfAbsent(login.app(), _ -> new AppSessions());
    List<Session> others = sessions.of(login.ordinal());
    for (Session other : others) {
      if (!login.device().isEmpty() && other.login().device().equals(login.device())) {
        other.close(CloseCode.REPLACED);
        closed(other);
      }
    }
    if (sessions.of(login.ordinal()).size() >= MAX_DEVICES) {
      session.setClosed();
      session.close(CloseCode.TOO_MANY_DEVICES);
      return;
    }
    sessions.add(session);
    Frames frames = delivering.frames();
    List<Frame> greeting = new ArrayList<>();
    greeting.add(frames.hello(login.appId(), login.member(), session.cursor(), time));
    if (start.gap() != null) {
      greeting.add(frames.gap(start.gap()));
    }
    session.channel().write(greeting, () -> {});
    catchUp(session);
  }

  /// Forgets a session whose channel is closed. Harmless when repeated.
  void closed(Session session) {
    if (!session.closed()) {
      session.setClosed();
      Session.Login login = session.login();
      delivering.catchUp().remember(login.app(), login.ordinal(), session.acknowledged());
      AppSessions sessions = apps.get(login.app());
      if (sessions != null) {
        sessions.remove(session);
        if (sessions.isEmpty() && passes.isEmpty()) {
          apps.remove(login.app());
        }
      }
    }
  }

  /// Hears that a session's channel takes more, or that it no longer does.
  void writabilityChanged(Session session) {
    if (session.channel().isWritable()) {
      session.setBlockedSince(0);
      if (!session.atHead()) {
        catchUp(session);
      }
    } else if (session.blockedSince() == 0) {
      long since = Math.max(1, nanoTime.getAsLong());
      session.setBlockedSince(since);
      var _ =
          loop.schedule(() -> closeIfStillBlocked(session, since), SLOW_SECONDS, TimeUnit.SECONDS);
    }
  }

  private static void closeIfStillBlocked(Session session, long since) {
    if (!session.closed() && session.blockedSince() == since) {
      session.close(CloseCode.TOO_SLOW);
    }
  }

  /// Takes an acknowledgement of everything up to an offset.
  void acknowledge(Session session, long offset) {
    int app = session.login().app();
    long upTo = Math.min(offset, session.shown());
    int ordinal = session.login().ordinal();
    delivering
        .catchUp()
        .released(app, ordinal, session.acknowledged(), upTo)
        .forEach(notice -> delivered(session, notice));
    session.acknowledge(Math.max(upTo, session.acknowledged()));
  }

  /// Takes the report that a person opened a broadcast. What the member was not reached by is
  /// dropped when the report is applied.
  void read(Session session, String broadcastId) {
    int app = session.login().app();
    delivering
        .timeline()
        .byId(app, broadcastId)
        .ifPresent(broadcast -> receipts.read(app, broadcast.number(), session.login().ordinal()));
  }

  /// Closes every session.
  void closeAll(CloseCode why) {
    apps.values().forEach(sessions -> sessions.forEach(session -> session.close(why)));
  }

  void forEachSession(Consumer<Session> action) {
    List.copyOf(apps.values()).forEach(sessions -> sessions.forEach(action));
  }

  /// Starts passes until the timeline's head is reached.
  private void advance() {
    while (passes.isEmpty()) {
      long next = delivering.timeline().head();
      if (next <= head) {
        return;
      }
      NavigableMap<Long, List<Timeline.Removal>> removals =
          delivering.timeline().removals(head, next);
      Map.Entry<Long, List<Timeline.Removal>> removal = removals.firstEntry();
      target = removal == null ? next : removal.getKey() - 1;
      begin();
      if (passes.isEmpty()) {
        finish();
      }
      if (passes.isEmpty() && removal != null) {
        removal.getValue().forEach(this::remove);
        head = removal.getKey();
      }
    }
    run();
  }

  /// Prepares the passes over what comes after the head up to the target.
  private void begin() {
    if (target <= head) {
      return;
    }
    apps.forEach((app, sessions) -> {
      Collection<Notice> notices = delivering.timeline().notices(app, head, target);
      if (!sessions.atHead().isEmpty() && !notices.isEmpty()) {
        List<Notice> open = notices.stream().filter(delivering.due()::open).toList();
        Pass pass = new Pass(sessions, open, delivering.broadcasts(), delivering.frames());
        if (pass.hasNext()) {
          passes.add(pass);
        }
      }
    });
  }

  /// Writes for one turn, then lets others have the thread.
  private void run() {
    int writes = 0;
    Pass pass = passes.peek();
    while (pass != null && writes < WRITES_PER_TURN) {
      if (pass.hasNext()) {
        int ordinal = pass.nextOrdinal();
        List<Delivery> due = pass.due(ordinal);
        for (Session session : pass.sessions().of(ordinal)) {
          if (session.atHead()) {
            deliver(pass.sessions(), session, due);
            writes++;
          }
        }
      } else {
        passes.remove();
        pass = passes.peek();
      }
    }
    if (pass == null) {
      finish();
      loop.execute(this::advance);
    } else {
      loop.execute(this::run);
    }
  }

  private void deliver(AppSessions sessions, Session session, List<Delivery> due) {
    int given = 0;
    while (given < due.size()) {
      if (!session.channel().isWritable()) {
        sessions.leaveHead(session);
        if (given == 0) {
          session.moveTo(head);
        }
        return;
      }
      int end = portionEnd(due, given);
      session.give(due.subList(given, end), this);
      given = end;
    }
  }

  private static int portionEnd(List<Delivery> due, int from) {
    int bytes = 0;
    int end = from;
    while (end < due.size() && end - from < CatchUp.MAX_FRAMES && bytes < CatchUp.MAX_BYTES) {
      bytes += due.get(end).frame().bytes();
      end++;
    }
    return end;
  }

  private void finish() {
    head = Math.max(head, target);
    List<Session> behind = List.copyOf(waiting);
    waiting.clear();
    behind.forEach(this::catchUp);
  }

  private void remove(Timeline.Removal removal) {
    AppSessions sessions = apps.get(removal.app());
    if (sessions != null) {
      for (Session session : sessions.of(removal.ordinal())) {
        session.close(CloseCode.CREDENTIALS);
        closed(session);
      }
    }
  }

  /// Brings a session closer to the head: has its next portion read, or lets it join.
  private void catchUp(Session session) {
    boolean idle = !session.atHead() && !session.reading() && session.channel().isWritable();
    if (session.closed() || !idle) {
      return;
    }
    if (!passes.isEmpty()) {
      waiting.add(session);
    } else if (session.confirmed() && session.cursor() >= head) {
      join(session);
    } else {
      session.setReading(true);
      long cursor = session.cursor();
      long upTo = head;
      if (session.confirmed()) {
        readers.execute(() -> read(session, cursor, upTo));
      } else {
        readers.execute(() -> confirm(session, cursor, upTo));
      }
    }
  }

  /// Reads the first portion, beside the loop: makes sure that the member is still registered, and
  /// takes the cursor that the device came with as an acknowledgement.
  private void confirm(Session session, long cursor, long upTo) {
    Session.Login login = session.login();
    if (!delivering.registered().test(login)) {
      loop.execute(() -> session.close(CloseCode.CREDENTIALS));
      return;
    }
    boolean gaveCursor = session.viewer().unacknowledgedUntil() == 0;
    List<Notice> held =
        gaveCursor
            ? delivering.catchUp().acknowledged(login.app(), login.ordinal(), cursor)
            : List.of();
    loop.execute(() -> held.forEach(notice -> delivered(session, notice)));
    read(session, cursor, upTo);
  }

  /// Reads a portion, beside the loop.
  private void read(Session session, long cursor, long upTo) {
    CatchUp.Portion portion =
        delivering.catchUp().next(session.login().app(), session.viewer(), cursor, upTo);
    loop.execute(() -> took(session, portion));
  }

  private void delivered(Session session, Notice notice) {
    receipts.delivered(session.login().app(), notice.broadcast(), session.login().ordinal());
  }

  private void took(Session session, CatchUp.Portion portion) {
    session.setReading(false);
    if (session.closed()) {
      return;
    }
    session.setConfirmed();
    if (!portion.due().isEmpty()) {
      if (!session.channel().isWritable()) {
        return;
      }
      session.give(portion.due(), this);
    }
    session.moveTo(portion.upTo());
    catchUp(session);
  }

  private void join(Session session) {
    AppSessions sessions = apps.get(session.login().app());
    if (sessions == null) {
      throw new IllegalStateException("an open session's app is known");
    }
    sessions.joinHead(session);
    if (!session.toldCaughtUp()) {
      session.setToldCaughtUp();
      session.show(head);
      session.channel().write(List.of(delivering.frames().caughtUp(head)), () -> {});
    }
  }
}
