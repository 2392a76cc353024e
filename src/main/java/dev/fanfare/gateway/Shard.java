package dev.fanfare.gateway;

import dev.fanfare.broadcast.Broadcasts;
import dev.fanfare.broadcast.Due;
import dev.fanfare.broadcast.Notice;
import dev.fanfare.broadcast.Timeline;
import dev.fanfare.member.Member;
import dev.fanfare.member.Presence;
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
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
/// Everything but [#wake], [#replace] and [#head] belongs to the shard's own thread.
final class Shard {
  static final long SLOW_SECONDS = 30;
  private static final Logger log = LoggerFactory.getLogger(Shard.class);
  private static final long RETRY_SECONDS = 1;
  private static final int WRITES_PER_TURN = 256;

  private final ScheduledExecutorService loop;
  private final Executor readers;
  private final Delivering delivering;
  private final Map<Integer, AppSessions> apps = new HashMap<>();
  private final Queue<Pass> passes = new ArrayDeque<>();
  private final Set<Session> waiting = new LinkedHashSet<>();
  private final AtomicBoolean woken = new AtomicBoolean();
  private Receipts receipts = new Receipts();
  private volatile long head;
  private long target;
  private long rebuilds;

  /// What shards share.
  ///
  /// @param registered whether a login's member is still the one that logged in
  record Delivering(
      Timeline timeline,
      Broadcasts broadcasts,
      Due due,
      Frames frames,
      CatchUp catchUp,
      Devices devices,
      Predicate<Session.Login> registered) {}

  /// @param readers runs what may wait for the disk
  Shard(ScheduledExecutorService loop, Executor readers, Delivering delivering) {
    this.loop = loop;
    this.readers = readers;
    this.delivering = delivering;
    this.rebuilds = delivering.timeline().rebuilds();
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
      onLoop(() -> {
        woken.set(false);
        advance();
      });
    }
  }

  /// Ends a session whose device has another one now. Any thread.
  void replace(Session session) {
    onLoop(() -> {
      session.close(CloseCode.REPLACED);
      closed(session);
    });
  }

  /// Runs a task on the shard's thread, soon; not at all once the gateway is closing.
  private void onLoop(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      log.debug("the gateway is closing", e);
    }
  }

  /// Runs what may wait for the disk. A session that this fails for is closed, and its device comes
  /// back for what it missed.
  private void beside(Session session, Runnable work) {
    readers.execute(() -> {
      try {
        work.run();
      } catch (RuntimeException e) {
        log.error("a session could not be served", e);
        onLoop(() -> session.close(CloseCode.OVER_CAPACITY));
      }
    });
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
    if (!delivering.devices().add(this, session)) {
      session.setClosed();
      session.close(CloseCode.TOO_MANY_DEVICES);
      return;
    }
    apps.computeIfAbsent(login.app(), _ -> new AppSessions()).add(session);
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
      takesData(session);
      waiting.remove(session);
      delivering.devices().remove(session);
      Session.Login login = session.login();
      if (session.confirmed() >= 0) {
        delivering.catchUp().remember(login.app(), login.ordinal(), session.acknowledged());
      }
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
    if (session.closed()) {
      return;
    }
    if (session.channel().isWritable()) {
      takesData(session);
      catchUp(session);
    } else if (session.patience() == null) {
      session.setPatience(
          loop.schedule(() -> session.close(CloseCode.TOO_SLOW), SLOW_SECONDS, TimeUnit.SECONDS));
    }
  }

  private static void takesData(Session session) {
    Future<?> patience = session.patience();
    if (patience != null) {
      patience.cancel(false);
      session.setPatience(null);
    }
  }

  /// Takes an acknowledgement of everything up to an offset.
  void acknowledge(Session session, long offset) {
    long from = session.acknowledged();
    long upTo = Math.min(offset, session.shown());
    if (upTo > from) {
      session.acknowledge(upTo);
      int ordinal = session.login().ordinal();
      beside(
          session,
          () ->
              delivered(
                  session,
                  delivering.catchUp().released(session.login().app(), ordinal, from, upTo)));
    }
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

  /// Starts passes until the timeline's head is reached, unless some are under way: they end here.
  private void advance() {
    if (passes.isEmpty()) {
      try {
        startPasses();
      } catch (RuntimeException e) {
        log.error("a pass could not begin; trying again in {} s", RETRY_SECONDS, e);
        passes.clear();
        target = head;
        var _ = loop.schedule(this::wake, RETRY_SECONDS, TimeUnit.SECONDS);
      }
    }
  }

  /// The live connections of some members.
  List<Presence.Connection> connections(int app, Collection<Member> members) {
    AppSessions sessions = apps.get(app);
    if (sessions == null) {
      return List.of();
    }
    return members.stream()
        .flatMap(member -> sessions.of(member.ordinal()).stream())
        .map(Session::describe)
        .toList();
  }

  private void startPasses() {
    while (passes.isEmpty()) {
      long next = delivering.timeline().head();
      doubtAfterRebuild();
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

  /// After the timeline was read anew, removals may be missing from it: everyone has to be
  /// confirmed again before hearing more.
  private void doubtAfterRebuild() {
    long now = delivering.timeline().rebuilds();
    if (now != rebuilds) {
      rebuilds = now;
      apps.values()
          .forEach(sessions ->
              sessions.forEach(session -> {
                if (session.atHead()) {
                  sessions.leaveHead(session);
                  session.moveTo(head);
                }
                catchUp(session);
              }));
    }
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
    boolean confirmed = session.confirmed() == rebuilds;
    long cursor = session.cursor();
    if (!passes.isEmpty() || (confirmed && cursor > head)) {
      waiting.add(session);
    } else if (confirmed && cursor == head) {
      join(session);
    } else {
      session.setReading(true);
      Reading reading = new Reading(cursor, Math.max(cursor, head), rebuilds);
      beside(
          session,
          () -> {
            if (confirmed || confirm(session)) {
              read(session, reading);
            }
          });
    }
  }

  /// What is read of a session's catch-up.
  ///
  /// @param rebuilds what its member is confirmed after, once it was read
  private record Reading(long cursor, long upTo, long rebuilds) {}

  /// Makes sure, beside the loop, that the member is still registered, and takes the cursor that
  /// the device came with as an acknowledgement.
  private boolean confirm(Session session) {
    Session.Login login = session.login();
    if (!delivering.registered().test(login)) {
      onLoop(() -> session.close(CloseCode.CREDENTIALS));
      return false;
    }
    delivered(
        session,
        delivering.catchUp().acknowledged(login.app(), login.ordinal(), session.claimed()));
    return true;
  }

  /// Reads a portion, beside the loop.
  private void read(Session session, Reading reading) {
    CatchUp.Portion portion =
        delivering
            .catchUp()
            .next(session.login().app(), session.viewer(), reading.cursor(), reading.upTo());
    onLoop(() -> took(session, portion, reading.rebuilds()));
  }

  /// Notes, from beside the loop, that the member has some releases.
  private void delivered(Session session, List<Notice> held) {
    Session.Login login = session.login();
    onLoop(() ->
        held.forEach(
            notice -> receipts.delivered(login.app(), notice.broadcast(), login.ordinal())));
  }

  private void took(Session session, CatchUp.Portion portion, long confirmedAfter) {
    if (session.closed()) {
      return;
    }
    session.setConfirmed(confirmedAfter);
    if (portion.due().isEmpty()) {
      session.moveTo(portion.upTo());
    } else if (session.channel().isWritable()) {
      session.give(portion.due(), this);
      session.moveTo(portion.upTo());
    }
    // Only now: a write can say that the channel takes more before it returns.
    session.setReading(false);
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
